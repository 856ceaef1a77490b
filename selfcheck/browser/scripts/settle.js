// Waits until the page shows what it is about and two frames have passed in which nothing changed.
// Refuses consent dialogs on the way. Never waits for the network: trackers may hang.
async ({ waitFor, banners, deadline, unchanged, imagesAtMost, cut }) => {
  const started = performance.now();
  const past = () => performance.now() - started;
  // A hidden tab draws no frames; the timer keeps us going there.
  const frame = () =>
    new Promise((done) => {
      const timer = setTimeout(done, 100);
      requestAnimationFrame(() => {
        clearTimeout(timer);
        done();
      });
    });
  // While there is something to wait for, a timer will do: sixty frames a second would keep a core busy.
  const moment = () => new Promise((done) => setTimeout(done, 25));
  const find = (selector) => {
    try {
      return document.querySelector(selector);
    } catch {
      return null;
    }
  };
  const hasText = () => {
    const root = document.body || document.documentElement;
    return !!root && (root.innerText ?? root.textContent ?? "").trim() !== "";
  };
  const count = () => document.getElementsByTagName("*").length;
  const height = () => (document.documentElement ? document.documentElement.scrollHeight : 0);
  const isThere = () => (waitFor ? !!find(waitFor) : hasText());

  const subject = async () => {
    let last = count();
    let since = past();
    while (past() < deadline) {
      const loading = document.readyState === "loading";
      if (!loading && isThere()) return true;
      const now = count();
      if (now !== last) [last, since] = [now, past()];
      if (past() - since > unchanged) {
        if (isThere()) return true;
        // What the platform file names may be fetched long after the last change; text would have come.
        if (!loading && !waitFor) return false;
      }
      await moment();
    }
    return isThere();
  };

  const pictures = () =>
    [...(document.images || [])].filter((image) => {
      if (!image.currentSrc && !image.src) return false;
      const box = image.getBoundingClientRect();
      return box.width > 0 && box.height > 0 && box.top + scrollY < cut;
    });

  const loaded = () =>
    (!document.fonts || document.fonts.status === "loaded") && pictures().every((image) => image.complete);

  const quiet = async () => {
    const begun = past();
    for (const image of pictures()) if (image.loading === "lazy") image.loading = "eager";
    let before = "";
    let still = 0;
    while (still < 2 && past() < deadline && past() - begun < imagesAtMost) {
      await (loaded() ? frame() : moment());
      const now = `${count()} ${height()}`;
      still = now === before && loaded() ? still + 1 : 0;
      before = now;
    }
    const decoded = Promise.all(pictures().filter((one) => one.complete).map((one) => one.decode().catch(() => 0)));
    await Promise.race([decoded, new Promise((done) => setTimeout(done, 1000))]);
  };

  const rejectButton = () => {
    for (const selector of banners) {
      const button = find(selector);
      if (!button) continue;
      const box = button.getBoundingClientRect();
      const style = getComputedStyle(button);
      if (box.width > 0 && box.height > 0 && style.visibility !== "hidden" && style.display !== "none") return button;
    }
    return null;
  };

  // A dialog that the server sends is there before the script that answers it, so what stays is clicked again.
  const refuse = async () => {
    for (let clicks = 0; clicks < 4 && past() < deadline; clicks++) {
      const button = rejectButton();
      if (!button) return;
      button.click();
      await quiet();
      const until = past() + 300;
      while (rejectButton() === button && past() < until && past() < deadline) await moment();
    }
  };

  const found = await subject();
  await quiet();
  await refuse();
  return { found, loading: document.readyState === "loading" };
}
