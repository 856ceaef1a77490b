// Web sockets and peer connections pass by request interception, so a page gets ones that never open.
(() => {
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
