// Shuts the ways out of a page that request interception does not see. Runs first in every document.
(() => {
  // The policy stays when its element has gone, so the page is as it was. Whatever the document makes without a
  // request (frames of srcdoc, blob:, data: and about:blank, workers of blob: and data:) inherits it.
  const make = (name) => document.createElementNS("http://www.w3.org/1999/xhtml", name);
  const policy = Object.assign(make("meta"), {
    httpEquiv: "Content-Security-Policy",
    content: "connect-src http: https: data: blob:",
  });
  if (document.head) document.head.prepend(policy);
  else if (!document.documentElement) {
    // A policy counts only in a head, and no element is there yet.
    const [root, head] = [make("html"), make("head")];
    root.append(head);
    document.append(root);
    head.append(policy);
    root.remove();
  }
  policy.remove();

  // Pages named by speculation rules are fetched ahead by the browser itself. The rules count from the end of
  // the task that adds them; an observer is told before.
  const isRules = (node) => node.localName === "script" && /^\s*speculationrules\s*$/i.test(node.getAttribute("type") || "");
  const removeRules = (node) => {
    if (isRules(node)) node.remove();
    else if (node.firstElementChild) for (const script of node.querySelectorAll("script[type]")) if (isRules(script)) script.remove();
    if (node.shadowRoot) observe(node.shadowRoot);
  };
  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "childList") for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) removeRules(node);
      const script = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      if (script && isRules(script)) script.remove();
    }
  });
  const observe = (root) => {
    observer.observe(root, { childList: true, subtree: true });
    for (const script of root.querySelectorAll("script[type]")) if (isRules(script)) script.remove();
  };
  observe(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(...options) {
    const root = attach.apply(this, options);
    observe(root);
    return root;
  };

  class ClosedSocket extends EventTarget {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    constructor(url) {
      super();
      Object.assign(this, { url: String(url), readyState: 0, bufferedAmount: 0, protocol: "", extensions: "" });
      setTimeout(() => {
        this.readyState = 3;
        for (const event of [new Event("error"), new CloseEvent("close", { code: 1006, wasClean: false })]) {
          this.dispatchEvent(event);
          this[`on${event.type}`]?.call(this, event);
        }
      }, 0);
    }
    send() {}
    close() {}
  }
  Object.assign(ClosedSocket.prototype, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
  const hide = (name, value) => Object.defineProperty(window, name, { value, configurable: false, writable: false });
  hide("WebSocket", ClosedSocket);
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"]) hide(name, undefined);
})();
