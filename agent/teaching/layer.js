// What a person sees over the page: what is asked, and a frame around whatever a target matches. It takes no clicks, stands
// beside the body, and is closed to the page's scripts and to every target.
({text, boxes}) => {
  document.querySelectorAll('html > closewright-layer').forEach((one) => one.remove());
  if (!text && !boxes.length) return;
  const host = document.createElement('closewright-layer');
  host.setAttribute('aria-hidden', 'true');
  host.style.cssText = 'all: initial; position: fixed; inset: 0; z-index: 2147483647; pointer-events: none; border: 0; padding: 0;'
    + ' margin: 0; width: 100vw; height: 100vh; background: transparent; overflow: hidden;';
  const root = host.attachShadow({mode: 'closed'});
  const line = document.createElement('div');
  line.textContent = text;
  line.style.cssText = 'position: absolute; left: 50%; bottom: 16px; transform: translateX(-50%); max-width: 80vw; padding: 10px 18px;'
    + ' border-radius: 8px; background: #17324d; color: white; font: 15px/1.4 system-ui, sans-serif; box-shadow: 0 4px 18px #0006;';
  if (text) root.append(line);
  for (const {x, y, width, height} of boxes) {
    const box = document.createElement('div');
    box.style.cssText = `position: absolute; left: ${x - 3}px; top: ${y - 3}px; width: ${width + 2}px; height: ${height + 2}px;`
      + ' border: 2px solid #d9480f; border-radius: 4px; background: #ffa94d33;';
    root.append(box);
  }
  document.documentElement.append(host);
}
