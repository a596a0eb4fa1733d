// Blackens private texts of one document, open shadow roots included, without touching its DOM: texts by a custom
// highlight, fields and generated content by style sheets that are adopted for the moment of the picture.
// Called with {values, patterns}; returns a cover. `end()` takes it off and says whether everything was under it.
(({values, patterns}) => {
  const NAME = 'm' + crypto.getRandomValues(new Uint32Array(4)).join('');
  const MARKED = 'color:#000!important;-webkit-text-fill-color:#000!important;background-color:#000!important;'
    + 'text-shadow:none!important;text-decoration:none!important;-webkit-text-stroke:0 #000!important;';
  const BLACK = MARKED + 'background:#000!important;caret-color:#000!important;transition:none!important;';
  const SHADOWLESS = 'text-shadow:none!important;-webkit-box-reflect:none!important;transition:none!important;';
  const HIDDEN = 'visibility:hidden!important;transition:none!important;';
  const SIDES = ['::before', '::after'];
  const FIELDS = new Set(['INPUT', 'TEXTAREA', 'SELECT']);
  const UNREAD = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'NOSCRIPT', 'HEAD', 'IFRAME', 'OBJECT', 'CANVAS', 'VIDEO']);
  const INLINE = new Set(['A', 'B', 'BDI', 'EM', 'FONT', 'I', 'LABEL', 'MARK', 'S', 'SMALL', 'SPAN', 'STRONG', 'U']);
  const LONG = 256;
  const SHOWN = ['placeholder', 'alt', 'label'];
  const PICTOGRAPH = /\p{Extended_Pictographic}/u;
  const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad]/gu;    // in patterns: they say themselves where space may be
  const IGNORED = /[\s\u200b-\u200f\u2060\ufeff\u00ad]/gu;    // in values: people space them as they like

  const plain = (text) => text.normalize('NFKC').toLowerCase();
  const squeezed = (text) => plain(text).replace(IGNORED, '');
  // A very long value is looked for in pieces: the search for one that repeats itself takes its length squared.
  const pieces = (value) => {
    if (value.length <= LONG) return [value];
    const starts = Array.from({length: Math.ceil(value.length / LONG) - 1}, (_, place) => place * LONG);
    return [...starts.map((start) => value.slice(start, start + LONG)), value.slice(-LONG)];
  };
  const secrets = [...new Set(values.map(squeezed).flatMap(pieces))].filter((value) => value);
  const shapes = patterns.map((pattern) => new RegExp(pattern, 'giu'));

  const hitsOfValues = (text) => secrets.flatMap((secret) => {
    const hits = [];
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) hits.push([at, at + secret.length]);
    return hits;
  });
  const hitsOfPatterns = (text) => shapes.flatMap((shape) =>
    [...text.matchAll(shape)].filter((hit) => hit[0]).map((hit) => [hit.index, hit.index + hit[0].length]));
  const isPrivate = (text) => Boolean(text)
    && (hitsOfValues(squeezed(text)).length > 0 || hitsOfPatterns(plain(text).replace(INVISIBLE, '')).length > 0);

  // One text node, normalised; `where` says for each unit of the normalised text which units of the node it came from.
  const read = (node) => {
    const data = node.data, text = plain(data);
    if (text.length === data.length && (text === data || text === data.toLowerCase())) return {node, text, where: null};
    const units = [], where = [];
    for (let at = 0; at < data.length;) {
      const one = String.fromCodePoint(data.codePointAt(at)), normal = plain(one);
      for (let unit = 0; unit < normal.length; unit++) { units.push(normal[unit]); where.push([at, at + one.length]); }
      at += one.length;
    }
    return {node, text: units.join(''), where};
  };
  const without = (text, ignored) => {   // the text that is left, and where in the whole each of its units was
    const dropped = new Set([...text.matchAll(ignored)].map((hit) => hit.index));
    if (!dropped.size) return {left: text, whole: (index) => index};
    const kept = [];
    for (let index = 0; index < text.length; index++) if (!dropped.has(index)) kept.push(index);
    return {left: text.replace(ignored, ''), whole: (index) => kept[index]};
  };
  // Hits that overlap as one: a letter said a hundred thousand times holds any part of itself at every place.
  const joined = (hits) => {
    const whole = [];
    for (const [first, end] of hits.sort((one, other) => one[0] - other[0])) {
      const last = whole.at(-1);
      if (last && first <= last[1]) last[1] = Math.max(last[1], end);
      else whole.push([first, end]);
    }
    return whole;
  };
  // Finds private parts of a run of texts, across its nodes; what lies between, such as spaces, is part of them.
  const seek = (run, ignored, hitsOf, found) => {
    const {left, whole} = without(run.map((piece) => piece.text).join(''), ignored);
    for (const hit of joined(hitsOf(left))) {
      const first = whole(hit[0]), last = whole(hit[1] - 1);
      let start = 0;
      for (const {node, text, where} of run) {
        const begin = Math.max(first - start, 0), end = Math.min(last - start, text.length - 1);
        if (begin <= end) found.push([node, where ? where[begin][0] : begin, where ? where[end][1] : end + 1]);
        start += text.length;
      }
    }
  };

  const isPrivateField = (field) => [
    field.value, field.getAttribute('placeholder'), ...[...field.selectedOptions ?? []].map((option) => option.label),
    ...field.tagName === 'SELECT' && field.size > 1 ? [...field.options].map((option) => option.label) : [],
  ].some(isPrivate);
  const isPrivateBeside = (element, side) => {
    const content = getComputedStyle(element, side).content;
    if (content === 'none' || content === 'normal') return false;
    const said = content.replace(/attr\(([^)]+)\)/g, (_, name) => element.getAttribute(name.trim()) ?? '');
    return isPrivate(said.replaceAll(/"\s*"|^"|"$/g, ''));
  };

  // What is to be covered: [node, begin, end] of texts, and [element, rule, pseudo-element].
  const look = () => {
    const texts = [], elements = [], fields = [], roots = new Set([document]);
    const everything = [], runs = [];
    let tight = [], loose = [];     // texts that belong together: up to the next block, or flex row
    const closeTight = () => { if (tight.length) runs.push(tight); tight = []; };
    const close = () => { if (loose.length > 1 && loose.length > runs.at(-1).length) runs.push(loose); loose = []; };
    const shadowed = new Set();     // elements whose texts throw shadows, which no highlight covers
    let generated = false;          // whether a style sheet in the page itself holds private text
    const walk = (node, inRow, hidden) => {
      if (node.nodeType === Node.TEXT_NODE) {
        const piece = read(node);
        tight.push(piece); loose.push(piece); everything.push(piece);
        return;
      }
      if (node.tagName === 'STYLE') generated ||= isPrivate(node.textContent);
      if (node.nodeType !== Node.ELEMENT_NODE || UNREAD.has(node.tagName)) return;
      if (node.tagName === 'BR') { closeTight(); return; }
      const named = node.hasAttributes() && isPrivate(node.getAttributeNames().map((a) => node.getAttribute(a)).join(' '));
      if (FIELDS.has(node.tagName)) {
        fields.push(node);
        if (isPrivateField(node)) elements.push([node, BLACK, '']);
        return;
      }
      if (named && SHOWN.some((name) => isPrivate(node.getAttribute(name)))) elements.push([node, HIDDEN, '']);
      const style = hidden ? null : getComputedStyle(node);
      const display = style ? style.display : INLINE.has(node.tagName) ? 'inline' : 'block';
      if (style && (style.textShadow !== 'none' || style.webkitBoxReflect !== 'none')) shadowed.add(node);
      if (named || generated) {
        for (const side of SIDES) if (isPrivateBeside(node, side)) elements.push([node, BLACK, side]);
      }
      const inline = display.startsWith('inline') || display.startsWith('ruby') || display === 'contents';
      const row = display.endsWith('flex') || display.endsWith('grid');
      if (!inline) { closeTight(); if (!inRow) close(); }
      let children = node.childNodes;
      if (node.shadowRoot) { roots.add(node.shadowRoot); children = node.shadowRoot.childNodes; }
      else if (node.tagName === 'SLOT' && node.assignedNodes().length) children = node.assignedNodes();
      for (const child of children) walk(child, row, hidden || display === 'none');
      if (!inline) { closeTight(); if (!inRow) close(); }
    };
    for (const style of document.querySelectorAll('style')) generated ||= isPrivate(style.textContent);
    if (document.documentElement) walk(document.documentElement, false, false);
    closeTight(); close();

    // A value is looked for across the whole document: names and addresses are cut up in many ways.
    if (secrets.length) seek(everything, IGNORED, hitsOfValues, texts);
    for (const run of runs) {
      seek(run, INVISIBLE, hitsOfPatterns, texts);
      // And in each text alone: what stands beside it must not hide it.
      if (run.length > 1) for (const piece of run) seek([piece], INVISIBLE, hitsOfPatterns, texts);
    }
    for (const [node, begin, end] of texts) {
      const parent = node.parentElement ?? node.getRootNode().host;  // straight in a shadow root: its host has the style
      if (parent.namespaceURI.endsWith('svg') || PICTOGRAPH.test(node.data.slice(begin, end))) {
        elements.push([parent, HIDDEN, '']);
      } else if (shadowed.has(parent)) elements.push([parent, SHADOWLESS, '']);
    }
    return {texts, elements, fields, roots};
  };

  // A selector that matches this one element of its tree.
  const path = (element) => {
    const steps = [];
    for (let at = element; at; at = at.parentElement) {
      steps.unshift(`${CSS.escape(at.localName)}:nth-child(${[...at.parentNode.children].indexOf(at) + 1})`);
    }
    return (element.getRootNode() instanceof ShadowRoot ? ':host>' : '') + steps.join('>');
  };

  const found = look();
  const highlight = new Highlight();
  highlight.priority = 2 ** 31 - 1;
  const adopted = new Map();
  let changed = false;
  const observer = new MutationObserver(() => { changed = true; });
  const cover = () => {
    for (const [node, begin, end] of found.texts) {
      highlight.add(new StaticRange({startContainer: node, startOffset: begin, endContainer: node, endOffset: end}));
    }
    CSS.highlights.set(NAME, highlight);
    const sheets = new Map([...found.roots].map((root) => [root, []]));
    for (const [root, lines] of found.texts.length ? sheets : []) {
      lines.push(`::highlight(${NAME}),:host::highlight(${NAME}),::selection,::target-text{${MARKED}}`);
    }
    for (const [element, rule, side] of found.elements) {
      sheets.get(element.getRootNode()).push(`${path(element)}${side}{${rule}}`);
    }
    for (const [root, lines] of sheets) {
      observer.observe(root, {subtree: true, childList: true, characterData: true, attributes: true});
      if (!lines.length) continue;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(lines.join('\n'));
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      adopted.set(root, sheet);
    }
  };
  const uncover = () => {
    clearTimeout(expiry);
    observer.disconnect();
    CSS.highlights.delete(NAME);
    for (const [root, sheet] of adopted) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((s) => s !== sheet);
  };
  // A style of the page that is stronger than ours would show what is under the cover.
  const beaten = () => found.elements.some(([element, rule, side]) => {
    const style = getComputedStyle(element, side || undefined);
    if (rule === HIDDEN) return style.visibility !== 'hidden';
    if (rule === SHADOWLESS) return style.textShadow !== 'none';
    return [style.backgroundColor, style.webkitTextFillColor].some((colour) => colour !== 'rgb(0, 0, 0)');
  });
  const expiry = setTimeout(uncover, 30000);  // should nobody be left to take it off
  try {
    cover();
    if (beaten()) throw new Error('a style of the page is stronger than the cover');
  } catch (fault) {
    uncover();
    throw fault;
  }

  const isUnder = (now) => now.texts.every(([node, begin, end]) =>
    found.texts.some(([other, from, to]) => other === node && from <= begin && end <= to))
    && now.elements.every(([element, rule]) => found.elements.some(([other, same]) => other === element && same === rule));
  const end = () => {
    const stands = CSS.highlights.get(NAME) === highlight
      && [...adopted].every(([root, sheet]) => root.adoptedStyleSheets.includes(sheet));
    const covered = new Set(found.elements.map(([element]) => element));
    const same = !changed && !observer.takeRecords().length
      && found.fields.every((field) => covered.has(field) || !isPrivateField(field));
    const good = stands && (same || isUnder(look()));
    uncover();
    return good;
  };
  return {end};
})
