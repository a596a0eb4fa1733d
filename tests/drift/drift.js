"use strict";
// Changes a page as a portal's next release might, before anything sees it; open shadow roots are looked through.
(() => {
  const changes = JSON.parse(document.currentScript.dataset.changes);
  const done = changes.map(() => new WeakSet());
  let told = false;

  const tidy = (text) => (text || "").replace(/\s+/g, " ").trim();
  function* elements(root) {
    if (root.shadowRoot) yield* elements(root.shadowRoot);
    for (const node of root.querySelectorAll("*")) {
      yield node;
      if (node.shadowRoot) yield* elements(node.shadowRoot);
    }
  }
  const up = (node, selector) => {
    for (let at = node; at; at = at.getRootNode().host) {
      const found = at.closest(selector);
      if (found) return found;
    }
    return null;
  };
  const says = (node, text) => text === undefined || tidy(node.textContent) === text || node.getAttribute("aria-label") === text;
  const fits = (node, { css, text, inside, outside }) => node.matches(css) && says(node, text)
    && (!inside || up(node, inside)) && !(outside && up(node, outside));
  const struck = () => {
    if (!told) new Image().src = "/static/drift-struck";
    told = true;
  };

  const NAMES = ["aria-label", "placeholder", "title", "value"];
  const retext = (node, given) => {
    const { old, now } = given;
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && (tidy(child.data) === old || tidy(child.data) === `${old}：`)) {
        child.data = child.data.replace(old, now);
        struck();
      }
    }
    for (const name of NAMES) {
      if (node.getAttribute(name) === old) { node.setAttribute(name, now); struck(); }
    }
  };
  const cover = (node) => {
    const over = document.createElement("div");
    over.style.cssText = "position:fixed;z-index:2147483647;opacity:0.01";
    const follow = () => {
      const { left, top, width, height } = node.getBoundingClientRect();
      Object.assign(over.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      if (node.isConnected) requestAnimationFrame(follow);
      else over.remove();
    };
    document.body.append(over);
    follow();
  };
  const fragment = (html) => document.createRange().createContextualFragment(html);
  const OPS = {
    remove: (node) => node.remove(),
    duplicate: (node) => node.after(node.cloneNode(true)),
    cover,
    move_out: (node, { from }) => up(node, from).after(node),
    attribute: (node, { name, value }) => node.setAttribute(name, value),
    before: (node, { html }) => node.before(fragment(html)),
    after: (node, { html }) => node.after(fragment(html)),
    prepend: (node, { html }) => node.prepend(fragment(html)),
    append: (node, { html }) => node.append(fragment(html)),
    last: (node) => node.parentNode.append(node),
    style: (node, { css_text }) => { node.style.cssText += css_text; },
  };
  // Two texts that change places: each element takes the other's, once.
  const swap = (node, { one, other }) => {
    for (const child of node.childNodes) {
      if (child.nodeType !== Node.TEXT_NODE) continue;
      const text = tidy(child.data);
      if (text === one) child.data = other;
      else if (text === other) child.data = one;
      else continue;
      struck();
    }
  };

  const apply = () => {
    changes.forEach((change, at) => {
      for (const node of [...elements(document)]) {
        if (!node.isConnected || !fits(node, change)) continue;
        if (change.op === "retext") { retext(node, change); continue; }
        if (done[at].has(node)) continue;
        done[at].add(node);
        if (change.op === "swap") { if (node.childNodes.length) swap(node, change); else done[at].delete(node); continue; }
        OPS[change.op](node, change);
        for (const copy of elements(document)) if (change.op === "duplicate" && fits(copy, change)) done[at].add(copy);
        struck();
      }
    });
  };
  const watch = (root) => new MutationObserver(apply)
    .observe(root, { childList: true, subtree: true, characterData: true });
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(init) {
    const root = attach.call(this, init);
    watch(root);
    return root;
  };
  watch(document);
})();
