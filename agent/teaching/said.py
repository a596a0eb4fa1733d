"""What the teacher says, in Chinese and English; the file of the profile is commented in the same language."""

from collections.abc import Mapping

from agent.evidence.words import Phrase

SAID: Mapping[str, Phrase] = {
    # the way in
    "login.username": Phrase(
        "登录页：请指向用户名输入框（不需要登录：回车）",
        "The login page: point at the field for the user name (no login here: Enter)",
    ),
    "login.password": Phrase("请指向密码输入框", "Point at the field for the password"),
    "login.submit": Phrase("请指向登录按钮", "Point at the button that signs in"),
    "login_let_out": Phrase(
        "这个表单发送 POST {path}。放行它（只作为登录）？", "This form sends POST {path}. Let it out, as the login?"
    ),
    "login.failed": Phrase(
        "登录失败时页面怎么说？请先输入一次错误密码，再指向提示（要点击时先回车跳过指向）；没见过：回车",
        "How does the page say that a password was wrong? Point at it, if it shows; else Enter",
    ),
    "login.try_wrong": Phrase(
        "想教“密码错误”的提示：现在用错误密码登录一次，再回车；不想：直接回车",
        "To teach how a wrong password is told: sign in with a wrong one now, then press Enter; else just Enter",
    ),
    "login.by_hand": Phrase("请在窗口里登录，完成后回车", "Sign in, in the window; then press Enter"),
    "held": Phrase(
        "这个请求被挡下：{request}。它只是登录、搜索或查询吗？（{known}，否则 no）",
        "This request was held back: {request}. Is it only the login, a search or queries? ({known}; else no)",
    ),
    "identity": Phrase(
        "请指向页面上当前账号的名称（没有：回车；没有它就不会执行任何操作）",
        "Point at the name of the account that is signed in (none: Enter; nothing is acted on without it)",
    ),
    "identity_name": Phrase("“{text}”中哪一段是账号名？", "Which part of {text!r} is the account's name?"),
    # the list
    "list.open": Phrase("请打开订单列表（不加筛选），然后回车", "Go to the list of all orders, then press Enter"),
    "list.row": Phrase("请指向列表中任意一个订单的任意位置", "Point anywhere in the row of one order"),
    "list.row_id": Phrase("请指向这一行中的订单号", "Point at the order's number in that row"),
    "list.row_state": Phrase("请指向这一行中的订单状态", "Point at the order's state in that row"),
    "list.row_open": Phrase("请指向这一行中打开订单的链接", "Point at what opens the order in that row"),
    "list_more": Phrase(
        "看到的状态：{states}。还有其他状态的订单吗？先在窗口打开列表的另一页或标签，再答 y",
        "States so far: {states}. Are there orders in others? Open another page or tab of the list first, then say y",
    ),
    "list.search": Phrase(
        "请用完整订单号 {order} 搜索一次，结果出来后回车",
        "Search once for the whole number {order}; when the result shows, press Enter",
    ),
    "list.search_box": Phrase("请指向搜索框", "Point at the search box"),
    "list.search_button": Phrase(
        "请指向搜索按钮（边输边搜：回车）", "Point at the search button (it searches as one types: Enter)"
    ),
    "list.search_nobody": Phrase(
        "请搜索 {order}（没有这个订单），结果出来后回车",
        "Search for {order}, which is nobody's; when the result shows, press Enter",
    ),
    "list.empty": Phrase("列表为空：请指向说明没有结果的文字", "Nothing was found: point at the text that says so"),
    # the order
    "order.open": Phrase("请打开订单 {order} 的详情页，然后回车", "Open the page of order {order}, then press Enter"),
    "order.order_id": Phrase("订单页：请指向订单号 {order}", "The order's page: point at its number, {order}"),
    "order.order_state": Phrase("请指向订单状态", "Point at the order's state"),
    "order.amount": Phrase("请指向订单金额", "Point at the order's amount"),
    "order.pay_state": Phrase(
        "请指向付款状态（没有：回车）", "Point at the state of the payment (none is shown: Enter)"
    ),
    "order.refund_state": Phrase(
        "请指向退款状态（没有：回车）", "Point at the state of the refund (none is shown: Enter)"
    ),
    **{
        f"order.{field}": Phrase(f"请指向 {field}（没有：回车）", f"Point at {field} (none is shown: Enter)")
        for field in (
            "trade",
            "created_at",
            "frozen",
            "disputed",
            "closed_by",
            "close_reason",
            "close_remark",
            "closed_at",
            "refund_id",
            "refund_kind",
            "refund_amount",
            "refund_applicant",
            "refund_reason",
            "return_parcel",
            "buyer",
            "receiver",
            "phone",
            "address",
            "buyer_remark",
        )
    },
    "which_field": Phrase(
        "还有别的字段吗？输入字段名（{fields}），没有：回车", "Another field? Type its name ({fields}); none: Enter"
    ),
    "no_such_field": Phrase("没有这个字段，或已经教过：{field}", "no such field, or it was taught already: {field}"),
    "order.item": Phrase("请指向货品表中一行货品的任意单元格", "Point at any cell of one line of goods"),
    "order.action": Phrase(
        "请指向一个操作按钮（或选择框）", "Point at one control of this order: a button, or a list of choices"
    ),
    "order.action_bar": Phrase("请指向包含所有操作的区域", "Point at the part that holds all controls of the order"),
    "money.open_paid": Phrase(
        "页面没有付款状态：请打开一个已付款订单，让收付款记录可见，再回车",
        "No state of the payment is shown: open an order with payments, so that they can be seen, then press Enter",
    ),
    "money.cell": Phrase(
        "请指向收付款记录表的任意单元格（没有：回车）", "Point at any cell of the table of payments (none: Enter)"
    ),
    "money.open_unpaid": Phrase("请打开一个没有付款的订单，再回车", "Open an order without payments, then press Enter"),
    "money.empty": Phrase("请指向说明没有付款的文字", "Point at what says that there are no payments"),
    "private": Phrase(
        "请指向买家的隐私信息（姓名、地址、电话），可多次；完毕：回车",
        "Point at what is private of the buyer (name, address, phone), one after the other; no more: Enter",
    ),
    "absent": Phrase(
        "这是一个不存在的订单：请指向说明它不存在的文字", "This order does not exist: point at the text that says so"
    ),
    # the act
    "act.open": Phrase(
        "操作“{act}”：在订单 {order} 上点开它的表单或对话框（不会提交），再回车；表单就在页面上：直接回车",
        "The act {act}: on order {order}, open its form by your own click, then Enter; it stands there already: Enter",
    ),
    "act_opens": Phrase("表单是点按钮后才出现的吗？", "Did a click on the control bring the form?"),
    "form.confirm": Phrase(
        "请指向最后的确认按钮（只是指向，不会点击）",
        "Point at the last button, the one that does it (it is not pressed)",
    ),
    "form.dismiss": Phrase(
        "请指向不做任何事而离开的按钮（没有：回车）",
        "Point at the button that leaves without doing anything (none: Enter)",
    ),
    "form.root": Phrase("表单", "the form"),
    "form.order_id": Phrase("请指向表单中的订单号 {order}", "Point at the order's number in the form, {order}"),
    "which_field_meaning": Phrase(
        "字段“{name}”是什么？（{known}；固定值写 名称=值；不填：回车）",
        "What is the field {name!r}? ({known}; NAME=VALUE for one that always holds the same; not filled in: Enter)",
    ),
    "act.send": Phrase(
        "现在填好表单并按下最后的按钮：请求会被挡下，什么都不会改变。之后回车",
        "Now fill the form in and press the last button: its request is held back, nothing changes. Then press Enter",
    ),
    "was_held": Phrase("已挡下：{method} {path}（{fields}）", "held back: {method} {path} ({fields})"),
    "nothing_held": Phrase(
        "没有请求被挡下：[requests] 需要手写", "nothing was held back: [requests] has to be written by hand"
    ),
    "tells_apart": Phrase(
        "请求带有 {name} = {value}。它能区分这个操作和同一地址的其他操作吗？",
        "The request carries {name} = {value}. Does that tell it from other requests to the same address?",
    ),
    "accepted": Phrase(
        "成功的回应是什么样？（配置格式；不知道：回车）",
        "What does an accepted answer show? (as a profile has it; not known: Enter)",
    ),
    # proposals
    "option": Phrase("  {number}. {target}", "  {number}. {target}"),
    "which_target": Phrase("用哪个？输入编号或目标", "Which one? A number, or a target of your own"),
    "matches": Phrase("{target} 现在匹配 {count} 个", "{target} matches {count} now"),
    "nothing_fits": Phrase(
        "没有只匹配它的目标；请指向别处，或输入目标",
        "nothing matches it alone: point at something else, or type a target",
    ),
    "not_a_target": Phrase("不能用：{why}", "not usable: {why}"),
    "no_row": Phrase(
        "这不是一个带有 15 到 20 位订单号的行", "that is no row with an order's number of 15 to 20 digits"
    ),
    "in_rows": Phrase("  {target}：{rows} 行中 {fit} 行恰好一个", "  {target}: exactly one in {fit} of {rows} rows"),
    "rows_read": Phrase("读到 {count} 个订单", "{count} orders were read"),
    "by_heading": Phrase("按所在列的标题读取：{heading}", "it will be read by its column's heading: {heading}"),
    "names_an_order": Phrase("注意：它含有订单号", "beware: it names an order"),
    "frame_unknown": Phrase(
        "找不到内嵌页面的目标：请手写 [frames]", "nothing identifies the frame: write [frames] by hand"
    ),
    "own_key": Phrase(
        "地址 {address} 不含订单号：这种后台需要手写 [pages.detail.key]",
        "the address {address} does not name the order: such a back office needs [pages.detail.key], by hand",
    ),
    "not_the_id": Phrase("注意：那里没有 {order}", "beware: it does not show {order}, and nothing else"),
    "no_table": Phrase(
        "那不在有标题的表格里：需要手写", "that is in no table with headings: it has to be written by hand"
    ),
    "column": Phrase("  {number}. {heading}", "  {number}. {heading}"),
    "which_column": Phrase("{column} 是第几列？（没有：0）", "Which column is {column}? (none: 0)"),
    "looking": Phrase("现在在 {count} 个订单上核对", "now it is all checked on {count} orders"),
    "looked_at": Phrase("已核对订单 {order}", "order {order} was looked at"),
    "does_not_hold": Phrase(
        "{entry} 在订单 {order} 上不成立（匹配 {matches}）",
        "{entry} does not hold on order {order} (matches {matches})",
    ),
    "axis": Phrase(
        "{axis} 的词；含义：{meanings}（不确定：-，交给人工）",
        "the words of {axis}; meanings: {meanings} (not sure: -, and such orders go to a person)",
    ),
    "which_meaning": Phrase("“{text}”是什么意思？", "What does {text!r} mean?"),
    "no_act": Phrase("没有一个按钮被指定为 {act}：未教操作", "no control was named as {act}: no act is taught"),
    # comments in the file
    "note_head": Phrase(
        "由 closewright portal new 写成；在 {count} 个订单上核对过。每个键的说明见 docs/portals.md。",
        "Written by closewright portal new, checked on {count} orders. Each key is explained in docs/portals.md.",
    ),
    "note_settle": Phrase(
        "修改多久以后才显示，以及页面最多等多久：请按实际调整",
        "how long a change may take to show, and a page to come: adjust them",
    ),
    "note_list": Phrase(
        "订单列表：只用来找订单，不作为判断依据", "The list of orders: it finds them, and decides nothing."
    ),
    "note_only_hit": Phrase("用完整订单号搜索会直接打开订单", "a whole number opens its order at once"),
    "note_ready": Phrase("每次打开都出现一次", "stood there once each time"),
    "note_not_in_rows": Phrase("不是每行恰好一个，未写入", "is not in every row exactly once: left out"),
    "note_detail": Phrase("订单页：一切判断以它为准", "The page of one order: what every decision is made from."),
    "note_marks": Phrase("金额数字前后的符号", "what stands before or after the figures of an amount"),
    "note_facts": Phrase("按标题读取的值", "values by the headings of their columns"),
    "note_items": Phrase("货品", "The lines of an order."),
    "note_money": Phrase(
        "收付款记录：由它算出付款状态", "What was done with the money; where the payment stands is what it adds up to."
    ),
    "note_action": Phrase(
        "操作：看到的每个文字都要列在 [words.controls]", "each label that is met has to stand in [words.controls]"
    ),
    "note_controls": Phrase("harmless：本程序从不按的按钮", "harmless: controls that are never pressed"),
    "note_private": Phrase("从截图和记录中去除", "cut from every picture and record"),
    "note_absent": Phrase("订单不存在时页面上的文字", "what the portal shows for an order that it does not know"),
    "note_not_unique": Phrase(
        "不是在每个订单上都唯一，未写入", "does not hold on every order that was looked at: left out"
    ),
    "note_unknown": Phrase(
        "含义未知，未列出（这样的订单交给人工）：{words}", "of no known meaning, so such orders go to a person: {words}"
    ),
    "note_form": Phrase("表单：未按过最后的按钮", "The form of the act; its last button was never pressed for real."),
    "note_request": Phrase(
        "按下按钮时被挡下的请求", "As it was held back when the button was pressed: it has never been sent."
    ),
    "note_answer": Phrase(
        "未见过：用 closewright close ORDER --supervised 核实",
        "never seen: closewright close ORDER --supervised proves it",
    ),
    "note_act": Phrase("出现该按钮的状态", "In the states in which its control was offered."),
    "note_unverified": Phrase(
        "只有执行一次才能证实：closewright close ORDER --supervised",
        "Only an act proves these: closewright close ORDER --supervised",
    ),
    # reasons in the file
    "why_css": Phrase("没有名称，也没有标签", "it has neither a name nor a label"),
    "why_row": Phrase("行没有名称", "rows have no name"),
    "why_total": Phrase("合计行也在这张表里", "rows of totals stand in the same table"),
    "why_head": Phrase("表格没有名称，行里也有标题单元格", "the table has no name, and its rows have headings too"),
    "why_options": Phrase("选择框的选项代表操作", "the options of a list stand for what can be done"),
    "why_frame": Phrase("内嵌页面没有角色", "frames have no role"),
}
