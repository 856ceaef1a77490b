// What can be tried in a page, in a frame and in a worker alike. `place` says where, ORIGIN and the ports are filled in.
function tryEverything(place) {
  const scope = globalThis;
  const attempt = (name, work) => {
    try {
      Promise.resolve(work(`bad.${place}.${name}`)).catch(() => 0);
    } catch {
      // Refused at once: what counts is what arrives.
    }
  };
  attempt("socket", (mark) => {
    const socket = new WebSocket(`${ORIGIN.replace("http", "ws")}/${mark}`);
    socket.onopen = () => socket.send(mark);
  });
  attempt("stream", (mark) => new WebSocketStream(`${ORIGIN.replace("http", "ws")}/${mark}`).opened);
  attempt("transport", (mark) => {
    const hash = { algorithm: "sha-256", value: new Uint8Array(32) };
    new WebTransport(`https://127.0.0.1:${UDP}/${mark}`, { serverCertificateHashes: [hash] }).ready.catch(() => 0);
    new WebTransport(`https://127.0.0.1:${UDP}/${mark}`).ready.catch(() => 0);
  });
  attempt("peer", async () => {
    const Peer = scope.RTCPeerConnection || scope.webkitRTCPeerConnection;
    const servers = [{ urls: `stun:127.0.0.1:${UDP}` }, { urls: `turn:127.0.0.1:${RAW}?transport=tcp`, username: "a", credential: "b" }];
    const peer = new Peer({ iceServers: servers });
    peer.createDataChannel("x");
    await peer.setLocalDescription(await peer.createOffer());
  });
  attempt("direct-tcp", () => new TCPSocket("127.0.0.1", RAW).opened);
  attempt("direct-udp", () => new UDPSocket({ remoteAddress: "127.0.0.1", remotePort: UDP }).opened);
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    attempt(`fetch-${method}`, (mark) => fetch(`${ORIGIN}/${mark}`, { method, body: method === "OPTIONS" ? undefined : "x" }));
  attempt("keepalive", (mark) => fetch(`${ORIGIN}/${mark}`, { method: "POST", keepalive: true, body: "x" }));
  attempt("no-cors", (mark) => fetch(`${ORIGIN}/${mark}`, { method: "POST", mode: "no-cors", body: new Blob(["x"]) }));
  attempt("override", (mark) => fetch(`${ORIGIN}/${mark}`, { headers: { "X-HTTP-Method-Override": "DELETE" } }));
  attempt("xhr", (mark) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${ORIGIN}/${mark}`);
    request.send("x");
  });
  attempt("events", (mark) => new EventSource(`${ORIGIN}/${mark.replace("bad.", "own.")}`));
  attempt("reached", () => fetch(`${ORIGIN}/ok.${place}`));
}
