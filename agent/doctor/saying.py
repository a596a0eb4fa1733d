"""What is said of a difference, in English and Chinese."""

from collections.abc import Mapping
from typing import Literal

from agent.evidence.words import Phrase

SAID: dict[str, Phrase] = {
    "unlike_profile": Phrase("与配置不符：{note}", "not as the profile tells: {note}"),
    "ambiguous": Phrase("匹配到不止一个：{note}", "more than one thing matches: {note}"),
    "unknown_control": Phrase(
        "操作栏出现配置里没有的“{text}”，而已知的操作一个也没有",
        "the action bar shows {text!r}, which the profile does not know, and none of the acts that it knows",
    ),
    "unknown_label": Phrase(
        "操作栏多了配置里没有的“{text}”", "the action bar also shows {text!r}, which the profile does not know"
    ),
    "unknown_word": Phrase("词表 {axis} 没有“{text}”", "words.{axis} does not list {text!r}"),
    "not_offered": Phrase(
        "上次 {orders} 个此类订单中 {offered} 个有“{act}”，这次看了 {seen} 个都没有",
        "{act} was offered by {offered} of {orders} such orders, and now by none of {seen}",
    ),
    "gone": Phrase("上次有，这次没有", "it was there, and is not any more"),
    "several": Phrase("上次是一个，这次有 {now} 个", "there was one, and now there are {now}"),
    "not_usable": Phrase(
        "点不到：被遮挡、在移动或已停用", "the pointer cannot press it: covered, moving or switched off"
    ),
    "other_element": Phrase("换成了另一种元素：{then} → {now}", "it is another kind of element: {then} → {now}"),
    "other_name": Phrase(
        "换了另一个已知的名称：{then} → {now}", "it goes by another of its known names: {then} → {now}"
    ),
    "changed_places": Phrase(
        "确认按钮与取消按钮互换了样子",
        "the last button looks as the one that leaves the form did, and the other way round",
    ),
    "restyled": Phrase("颜色不同了", "its colours are different"),
    "field_new": Phrase("表单多了一个字段“{name}”", "the form has a new field, {name!r}"),
    "field_gone": Phrase("表单少了字段“{name}”", "the form has lost its field {name!r}"),
    "field_changed": Phrase(
        "字段“{name}”变了（{what}）：{then} → {now}", "field {name!r} has changed ({what}): {then} → {now}"
    ),
    "button_new": Phrase("表单多了一个按钮“{name}”", "the form has a new button, {name!r}"),
    "button_gone": Phrase("表单少了按钮“{name}”", "the form has lost its button {name!r}"),
    "link_new": Phrase("表单多了一个链接“{name}”", "the form has a new link, {name!r}"),
    "button_changed": Phrase("按钮“{name}”变了：{then} → {now}", "button {name!r} has changed: {then} → {now}"),
    "sent_otherwise": Phrase("表单的提交方式变了：{then} → {now}", "the form is sent in another way: {then} → {now}"),
    "hidden_fields": Phrase(
        "表单的隐藏字段变了：{then} → {now}", "the form's hidden fields have changed: {then} → {now}"
    ),
    "code_changed": Phrase(
        "选项“{name}”的代码变了：{then} → {now}", "option {name!r} has another code: {then} → {now}"
    ),
    "options_changed": Phrase(
        "字段“{name}”中配置没有用到的选项变了", "options of {name!r} that the profile does not use have changed"
    ),
    "options_moved": Phrase("字段“{name}”的选项换了顺序", "the options of {name!r} stand in another order"),
    "asks_otherwise": Phrase(
        "页面请求 {name} 的字段变了：{then} → {now}", "the page's own request {name} has other fields: {then} → {now}"
    ),
    "asks_anew": Phrase("页面多了一个请求：{name}", "the page asks for something new: {name}"),
    "asks_no_more": Phrase("页面少了一个请求：{name}", "the page does not ask for {name} any more"),
    "held": Phrase(
        "页面想发出配置里没有的请求，已拦下：{name}", "the page wanted to send what the profile does not list: {name}"
    ),
    "tree": Phrase("页面结构有 {count} 行不同", "{count} lines of the page's tree are different"),
    # the page with the side-by-side, and what the command says
    "title": Phrase("店铺 {shop} 的后台变化", "What has changed in the portal of shop {shop}"),
    "since": Phrase("与 {at} 的可信检查对比", "compared with the good visit of {at}"),
    "since_never": Phrase(
        "还没有可信的检查：只与配置对比", "there is no good visit yet: compared with the profile only"
    ),
    "then": Phrase("以前", "then"),
    "now": Phrase("现在", "now"),
    "weight": Phrase("影响", "Weight"),
    "place": Phrase("位置", "Place"),
    "entry": Phrase("条目", "Entry"),
    "what": Phrase("变化", "Difference"),
    "paths": Phrase("相关路径", "Paths"),
    "no_picture": Phrase("没有图片：{why}", "there is no picture: {why}"),
    "former": Phrase("虚线框：以前所在的位置", "a dashed box: where it stood before"),
    "cosmetic": Phrase("仅外观", "cosmetic"),
    "reading": Phrase("影响读取", "reading"),
    "acting": Phrase("影响操作", "acting"),
}


def say(key: str, facts: Mapping[str, object], language: Literal["zh", "en"]) -> str:
    """Return what is said, with its facts filled in."""
    phrase = SAID[key]
    return (phrase.zh if language == "zh" else phrase.en).format(**facts)
