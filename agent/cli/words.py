"""What closewright says to its operator, in English and Chinese."""

from dataclasses import dataclass

from agent.cli.options import Language
from agent.evidence.phrases import gap, in_chinese
from agent.evidence.words import Phrase, phrase_of

SAID: dict[str, Phrase] = {
    # before a run
    "confirm": Phrase(
        "将在店铺 {shop}（{portal}，{role}）处理 {orders} 个订单：{reasons}。继续吗？",
        "{orders} orders of shop {shop} ({portal}, {role}) will be worked: {reasons}. Go on?",
    ),
    "declined": Phrase("未确认，什么都没有做。", "not confirmed: nothing was done"),
    "no_terminal": Phrase(
        "没有可供确认的终端：请加 --yes", "there is no terminal to confirm on: add --yes if you mean it"
    ),
    # by a rule
    "reading_list": Phrase("按规则 {rule} 读取订单列表", "reading the list of orders for rule {rule}"),
    "chosen": Phrase(
        "规则 {rule}：列表中 {listed} 个订单，选中 {chosen} 个",
        "rule {rule} asks for {chosen} of the {listed} orders of the list",
    ),
    "not_all_listed": Phrase(
        "列表称有 {counted} 个订单，实际显示 {listed} 个：其余的留待下次",
        "the list counts {counted} orders and has shown {listed}: the others are left to the next run",
    ),
    "by_rule": Phrase("规则", "Rule"),
    "asked_for": Phrase("选中", "asks for it"),
    "left_out": Phrase("不选", "leaves it out"),
    # while it runs
    "working": Phrase("处理中", "working"),
    "interrupting": Phrase(
        "收到中断：做完当前步骤后停止；再按一次 Ctrl-C 立即放弃。",
        "interrupted: the current passes end, then it stops; Ctrl-C again abandons them",
    ),
    # after it
    "interrupted": Phrase("运行已被中断。", "the run was interrupted"),
    "stopped": Phrase("运行已停止：{why}", "the run was stopped: {why}"),
    "open": Phrase(
        "还有 {count} 个订单未结束；继续处理：closewright resume --shop {shop}",
        "{count} orders are still open; to go on: closewright resume --shop {shop}",
    ),
    "nothing_due": Phrase("没有需要处理的订单。", "no case is open: there is nothing to go on with"),
    "rehearsals": Phrase("演练记录：{folder}", "what would have been sent: {folder}"),
    "total": Phrase("合计", "total"),
    # headings
    "case": Phrase("案件", "Case"),
    "did": Phrase("已做操作", "Acts"),
    "next": Phrase("下一步", "Next"),
    "evidence": Phrase("证据", "Evidence"),
    "head": Phrase("记录链末端", "Chain head"),
    "signed_by": Phrase("签名", "Signed by"),
    "unsigned": Phrase("未签名", "not signed yet"),
    "timeline": Phrase("经过", "Story"),
    "due_at": Phrase("下次处理", "Due at"),
    "consent_yes": Phrase("同意", "yes"),
    "consent_no": Phrase("不同意", "no"),
    "consent_thread": Phrase("对方自己的消息", "the other side's own message"),
    "consent_file": Phrase("文件 {name}", "the file {name}"),
    "consent_word": Phrase("操作人的声明", "an operator's word"),
    # what stands in the way
    "stop_stands": Phrase(
        "总开关已停（{shop}）：{why}；恢复：closewright start{option}",
        "{shop} is stopped: {why}; to lift it: closewright start{option}",
    ),
    "every_shop": Phrase("所有店铺", "every shop"),
    "breaker_open": Phrase(
        "店铺 {shop} 的路径 {path} 已熔断（{fault}，订单 {orders}）；修复后：closewright start --shop {shop}",
        "shop {shop}: the breaker of path {path} is open ({fault} on {orders}); once repaired:"
        " closewright start --shop {shop}",
    ),
    "stale": Phrase(
        "店铺 {shop}：上次运行结束于 {at}（{how}，退出码 {code}），已超过设定的间隔",
        "shop {shop}: the last run ended at {at} ({how}, exit code {code}), longer ago than stale_after allows",
    ),
    "unfinished": Phrase(
        "店铺 {shop}：{at} 开始的运行（进程 {pid}）没有结束：正在运行，或被强行终止；"
        "继续：closewright resume --shop {shop}",
        "shop {shop}: the run of {at} (process {pid}) has not ended: it is under way, or was killed; to go on:"
        " closewright resume --shop {shop}",
    ),
    "run_failed": Phrase(
        "店铺 {shop}：{at} 的上次运行失败（{how}，退出码 {code}）",
        "shop {shop}: the last run, of {at}, failed ({how}, exit code {code})",
    ),
    # what is told outside the portal
    "notice_by_portal": Phrase("后台消息（无标题）", "by the portal's own message, without the subject"),
    "notice_by_none": Phrase(
        "店铺 {shop} 没有设置通知买家的渠道，不会发送",
        "shop {shop} has no way set up by which buyers are told: nothing is sent",
    ),
    "notice_by": Phrase("渠道 {channel}", "by {channel}"),
    "notice_subject": Phrase("标题", "subject"),
    "notice_by_name": Phrase(
        "地址簿按买家名称查找：名称要到读取订单页面时才知道",
        "looked up by the buyer's name, which the order's page tells when the notice is made",
    ),
    "notice_nowhere": Phrase("地址簿没有该买家的地址，不发送", "the address book has no address: nothing is sent"),
    "notices": Phrase(
        "已发送 {sent} 条，待发送 {waiting} 条，放弃 {failed} 条", "sent {sent}, waiting {waiting}, given up {failed}"
    ),
    "notice_trouble": Phrase("未能发送：{what}", "not sent: {what}"),
    "notices_given_up": Phrase(
        "多次尝试后放弃了 {count} 条消息；修复渠道后重发：closewright notice send --again",
        "{count} messages are given up after several tries; once the channel is repaired:"
        " closewright notice send --again",
    ),
    "notices_failed": Phrase(
        "店铺 {shop}：有 {count} 条消息未能发出（{why}）；修复渠道后重发："
        "closewright notice send --shop {shop} --again",
        "shop {shop}: {count} messages could not be sent ({why}); once the channel is repaired:"
        " closewright notice send --shop {shop} --again",
    ),
    # what waits for a person
    "todo_nothing": Phrase("没有案件在等待这项答复。", "no case waits for this"),
    "todo_asked": Phrase("事项", "asked"),
    "todo_until": Phrase("期限", "until"),
    "todo_otherwise": Phrase("无人答复时", "if nobody answers"),
    "todo_command": Phrase("答复命令", "to answer"),
    # people
    "answered": Phrase("案件 {case}：已记录 {word}，状态：{status}", "case {case}: {word} is recorded; it is {status}"),
    "cancelled": Phrase("已取消", "the cancellation"),
    "reopened": Phrase("重新打开", "the reopening"),
    "approved": Phrase("{name} 的批准", "the approval by {name}"),
    "rejected": Phrase("{name} 的拒绝", "the rejection by {name}"),
    "stopped_now": Phrase(
        "已停止 {shop}：不再发出任何请求。恢复：closewright start{option}",
        "{shop} is stopped: no request leaves. To lift it: closewright start{option}",
    ),
    "started": Phrase(
        "已解除 {stops} 个停止、{breakers} 个熔断", "lifted {stops} stops and closed {breakers} breakers"
    ),
    "still_stopped": Phrase("注意：单个店铺的停止仍然有效：{shops}", "still stopped one by one: {shops}"),
    # supervision
    "held": Phrase("请求已拦下，尚未发出", "the request is held and has not left"),
    "type_the_id": Phrase(
        "要发出此请求，请输入完整订单号；输入其他内容则放弃：",
        "to let it out, type the whole order id; anything else drops it: ",
    ),
    "the_return": Phrase("退货", "Goods back"),
    "the_ruling": Phrase("平台裁决", "Ruling"),
    "the_review": Phrase("评价", "Review"),
    "the_ticket": Phrase("工单", "Ticket"),
    "the_thread": Phrase("会话", "Thread"),
    "the_draft": Phrase("回复草稿", "Draft"),
    "the_word": Phrase("人工决定", "Decided"),
    # login and doctor
    "sign_in_here": Phrase(
        "请在打开的浏览器窗口里完成登录与验证；完成后会自动继续。",
        "sign in, and pass any check, in the browser window; this goes on by itself once the orders show",
    ),
    "signed_in": Phrase("店铺 {shop} 已登录。", "shop {shop} is signed in"),
    "session_not_kept": Phrase(
        "没有会话密钥：登录状态不会保存，每次运行都会重新登录（可设置 CLOSEWRIGHT_SESSION_KEY）。",
        "there is no session key: the session is not kept and each run signs in anew (set CLOSEWRIGHT_SESSION_KEY)",
    ),
    "entry": Phrase("条目", "Entry"),
    "where": Phrase("位置", "Where"),
    "found": Phrase("找到", "found"),
    "missing": Phrase("缺失", "missing"),
    "ambiguous": Phrase("不唯一", "ambiguous"),
    "unread": Phrase("未遇到", "not met"),
    "unknown_word": Phrase(
        "词表 words.{axis} 没有：{text}（{where}）", "words.{axis} does not list {text!r} ({where})"
    ),
    "not_let_out": Phrase("未放行的请求：{request}", "a request was not let out: {request}"),
    "confirmed": Phrase("本次确认了 {count} 个条目", "{count} unverified entries are confirmed by this visit"),
    "still_unverified": Phrase("仍有 {count} 个条目未确认", "{count} entries are still unverified"),
    "weight": Phrase("影响", "Weight"),
    "difference": Phrase("变化", "Difference"),
    "paths": Phrase("相关路径", "Paths"),
    "cosmetic": Phrase("仅外观", "cosmetic"),
    "reading": Phrase("影响读取", "reading"),
    "acting": Phrase("影响操作", "acting"),
    "no_differences": Phrase("与 {at} 的可信检查相比没有变化", "nothing has changed since the good visit of {at}"),
    "now_good": Phrase("这次检查已作为以后对比的基准", "later visits are compared with this one"),
    "not_good": Phrase(
        "确认无误后：closewright doctor --shop {shop} --accept",
        "if all of this is right: closewright doctor --shop {shop} --accept",
    ),
    "not_visited": Phrase("没有看到（后台停用或太慢）：{trouble}", "not seen (the portal was down or slow): {trouble}"),
    "looking_first": Phrase("开工前先检查后台", "looking at the portal before the batch"),
    "changed_before": Phrase("后台有变化：{entry}：{why}", "the portal has changed: {entry}: {why}"),
    "path_stopped": Phrase(
        "路径“{path}”已停，见 {page}；修复后：closewright start --shop {shop}",
        "path {path} is stopped, see {page}; once repaired: closewright start --shop {shop}",
    ),
    "see_page": Phrase("对比页面：{page}", "side by side: {page}"),
    # portal new
    "teaching_saved": Phrase("已写入：{path}", "written: {path}"),
    "teaching_kept": Phrase("已中断；学到的部分保存在 {path}", "interrupted; what was learnt is kept in {path}"),
    "teaching_nothing": Phrase("什么都没有学到，也没有写入文件。", "nothing was learnt, and no file is written"),
    "teaching_open": Phrase("还不能使用；以下需要手写：", "it cannot be used yet; this has to be written by hand:"),
    # portal check
    "act_heading": Phrase("操作", "Act"),
    "role_heading": Phrase("角色", "Role"),
    "state_heading": Phrase("状况", "State"),
    "open_gaps": Phrase("尚缺", "What is open"),
    "whole_profile": Phrase("整个配置", "the whole profile"),
    "act_works": Phrase("可用", "works"),
    "act_stopped": Phrase("不可用", "stopped"),
    "act_absent": Phrase("未配置", "not there"),
    "gap_identity": Phrase(
        "缺少 [identity]：页面无法证明是哪个店铺，任何操作都不会执行",
        "[identity] is missing: no page says whose shop it is, so nothing is acted on",
    ),
    "gap_state": Phrase(
        "words.order_state.{state} 没有文字：这种订单会交给人工",
        "words.order_state.{state} has no words: such orders go to a person",
    ),
    "gap_human_check": Phrase(
        "缺少 [signals.human_check]：出现滑块或验证码时只会报告“页面不对”",
        "[signals.human_check] is missing: a slider or captcha is told as a page that did not come",
    ),
    "gap_private": Phrase(
        "[private] 没有列出买家信息：姓名、地址、电话会留在证据里",
        "[private] names nothing of the buyer: names, addresses and phones stay in the evidence",
    ),
    "gap_unread": Phrase(
        "{count} 个读取条目未确认：请运行 closewright doctor",
        "{count} reading entries are unverified: run closewright doctor",
    ),
    "gap_unproved": Phrase(
        "{count} 个操作条目未确认：请用 closewright close --supervised 确认",
        "{count} acting entries are unverified: confirm them with closewright close --supervised",
    ),
    "gap_reasons": Phrase("[reasons] 没有：{reasons}", "[reasons] lacks {reasons}"),
    "gap_reason_unchecked": Phrase(
        "requests.{request}.fields 没有 reason：发出的原因不会被核对",
        "requests.{request}.fields has no reason: the one that is sent is not compared",
    ),
    "gap_amount": Phrase(
        "forms.{form} 不显示金额，requests.{request} 也不含金额：金额不会被核对",
        "neither forms.{form} nor requests.{request} has an amount: none is compared",
    ),
    "gap_dismiss": Phrase(
        "缺少 forms.{form}.dismiss：doctor 无法用按钮关闭对话框",
        "forms.{form}.dismiss is missing: doctor cannot leave the dialog by a button",
    ),
    "gap_refused": Phrase(
        "requests.{request}.answer.refused 和 acts.{act} 的 refused 都没有：拒绝与丢失的回应无法区分",
        "neither requests.{request}.answer nor acts.{act} has refused: a no looks like a lost answer",
    ),
    "gap_nothing_done": Phrase(
        "缺少 requests.{request}.answer.nothing_done：登录失效时需要再看一次才知道没有执行",
        "requests.{request}.answer.nothing_done is missing: after a lost session only looking tells",
    ),
    "gap_record": Phrase(
        "pages.detail.fields 没有 closed_by：回应丢失的关闭需要人工确认",
        "pages.detail.fields has no closed_by: a closing whose answer was lost is a person's",
    ),
    "gap_thread": Phrase(
        "缺少 [pages.thread]：无法确认消息已发出", "[pages.thread] is missing: no message can be proved"
    ),
    "gap_tickets": Phrase(
        "缺少 [pages.tickets]：无法跟进工单", "[pages.tickets] is missing: no ticket can be followed"
    ),
    # evidence and report
    "intact": Phrase("完整（自签名以来未变）", "intact since signed"),
    "broken": Phrase("已损坏", "broken"),
    "unsigned_word": Phrase("未签名", "unsigned"),
    "nothing_to_verify": Phrase("还没有任何证据。", "there is no evidence yet"),
    "report_title": Phrase("订单关闭报告", "Orders closed"),
    # demo
    "demo_portal": Phrase(
        "模拟后台：{url}（皮肤 {skin}，种子 {seed}）", "mock portal: {url} (skin {skin}, seed {seed})"
    ),
    "demo_round": Phrase("店铺 {shop}：{orders} 个订单", "shop {shop}: {orders} orders"),
    "demo_people": Phrase(
        "现在由人答复：{approved} 个批准，{rejected} 个拒绝，{received} 个退货已收到",
        "now people answer: {approved} approvals, {rejected} rejection, {received} returned parcels are here",
    ),
    "demo_agrees": Phrase(
        "{orders} 个订单的结果与后台真实记录完全一致；未请求的 {others} 个订单没有任何变动。",
        "all {orders} outcomes agree with the portal's own ledger; none of the other {others} orders was touched",
    ),
    "demo_differs": Phrase("与后台真实记录不一致：{what}", "does not agree with the portal's ledger: {what}"),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in the operator's language."""

    language: Language

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of ours with its facts filled in."""
        return self.of(SAID[key]).format(**facts)

    def word(self, word: str) -> str:
        """Return one of our words, such as an outcome."""
        return self.of(phrase_of(word))

    def told(self, text: str) -> str:
        """Return what the store or an error says, such as why a case waits; what we have no Chinese for stays."""
        return in_chinese(text) if self.language is Language.ZH else text

    def named(self, kind: str, name: str) -> str:
        """Return the name of a thing of some kind, such as the ``fault`` that a breaker keeps."""
        return gap(kind).in_words(name) if self.language is Language.ZH else name

    def of(self, phrase: Phrase) -> str:
        """Return a phrase in this language."""
        return phrase.zh if self.language is Language.ZH else phrase.en
