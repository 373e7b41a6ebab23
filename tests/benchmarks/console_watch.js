// Runs in the page before anything else: notes long tasks, answers to input, frames in which a map
// drew, and the positions that its worker hands over.
(() => {
  const watched = { drawn: 0, painted: 0 };
  window.watched = watched;

  // "Answered" is the Event Timing API's duration: from the hand to the next paint, in steps of 8 ms.
  const INPUT = new Set(["keydown", "pointerdown", "click"]);
  const SHORTEST_MS = 16;
  let longest = 0;
  let answers = [];
  let counted = 0;
  let told = 0;
  let begun = 0;

  const watch = (type, note, more) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, ...more });
  watch("longtask", (task) => (longest = Math.max(longest, task.duration)));
  watch("event", (event) => INPUT.has(event.name) && answers.push(event.duration), { durationThreshold: SHORTEST_MS });
  const inputs = () => [...INPUT].reduce((sum, name) => sum + (performance.eventCounts.get(name) ?? 0), 0);

  watched.begin = () => {
    [longest, answers, told, counted, begun] = [0, [], 0, inputs(), performance.now()];
  };
  watched.end = () => {
    const quick = Math.max(0, inputs() - counted - answers.length);
    answers.push(...new Array(quick).fill(SHORTEST_MS)); // shorter ones are not reported
    return { longest, answers, told: (told / (performance.now() - begun)) * 1000 };
  };

  // A frame counts when something was drawn with WebGL in it.
  let drew = false;
  for (const name of ["drawElements", "drawArrays", "clear"]) {
    const plain = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...given) {
      if (!drew) requestAnimationFrame(() => ((drew = false), watched.drawn++));
      drew = true;
      return plain.apply(this, given);
    };
  }

  // Points told: those whose time is newer than in the frame before.
  const Plain = window.Worker;
  let times = new Float64Array(0);
  window.Worker = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => data?.type === "positions" && count(data.frame));
    }
  };
  function count(frame) {
    for (let i = 0; i < frame.count; i++) told += frame.times[i] !== times[i];
    times = frame.times.slice();
  }

  // What is painted when: the feed's first rows; with them streets and units; and all there is. What
  // the map draws the console marks.
  const painted = (there) =>
    new Promise((done) => {
      const look = () => {
        if (!there()) return setTimeout(look, 10);
        requestAnimationFrame(() => setTimeout(() => done(performance.now() / 1000)));
      };
      look();
    });
  const rows = () => document.querySelector('[aria-label="Feed"] li');
  const marked = (name) => performance.getEntriesByName(name).length > 0;
  watched.ready = Promise.all([
    painted(rows).then((at) => (watched.rows = at)),
    painted(() => rows() && marked("map-drawn")).then((at) => (watched.painted = at)),
  ]);
  watched.whole = painted(() => rows() && marked("map-complete"));
})();
