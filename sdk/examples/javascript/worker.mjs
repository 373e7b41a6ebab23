// Plate reads over REST, in JavaScript. The interface is that of connectors/lpr-rest/README.md.
import manifest from './connector.json' with { type: 'json' };
import { Hub, askAPerson, get, later } from './hub.mjs';

const PAGE = 200, SLOWEST_S = 30;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const OPTIONAL = { region: 'string', confidence: 'number', heading_deg: 'number', longitude: 'number', latitude: 'number' };
const HAD = 50, LACKED = 20; // in a row: then a field that was always there is missed

const stopping = new AbortController();
let start, checkpoint, token, lagS, running = Promise.resolve();
const drift = Object.fromEntries(Object.keys(OPTIONAL).map((name) => [name, { had: 0, lacked: 0 }]));

const hub = new Hub({
  async initialize(params) {
    if (params.protocol !== 1) throw askAPerson('other_protocol', 'This worker speaks protocol 1.', 'Use a newer one.');
    if (typeof params.config.base_url !== 'string' || !/^https?:\/\//.test(params.config.base_url)) {
      throw askAPerson('bad_settings', 'base_url is no address.', 'Write it as https://host or https://host:port.');
    }
    start = params;
    checkpoint = params.checkpoint ?? null;
    hub.begin(params.credits);
    running = run(params.config.every_s ?? manifest.cadence.every_s);
    return { protocol: 1, connector: manifest.id, version: manifest.version, capabilities: manifest.capabilities };
  },
  async check() {
    try {
      await page({ limit: 1 });
      return { findings: [{ ok: true, what: 'reads', detail: 'The interface hands out reads.' }] };
    } catch (error) {
      return { findings: [{ ok: false, what: 'reads', detail: error.message, remedy: error.remedy ?? '' }] };
    }
  },
  async stop() {
    stopping.abort();
    await running;
    return {};
  },
});

async function run(everyS) {
  for (let failures = 0; !stopping.signal.aborted;) {
    let waitS = everyS;
    try {
      const assured = await poll();
      failures = 0;
      hub.heartbeat({ ...(assured && { assured_until: assured }), lag_s: lagS, ...missed() });
    } catch (error) {
      if (!error.number) throw error;
      if (stopping.signal.aborted) return;
      hub.heartbeat({ problem: problem(error) });
      waitS = Math.min(SLOWEST_S, 2 ** failures++) * (0.5 + Math.random() / 2);
      waitS = Math.max(waitS, everyS, error.retryAfter ?? 0);
    }
    await pause(waitS);
  }
}

/** Pages after the checkpoint until there are no more; up to when nothing is missing. */
async function poll() {
  for (;;) {
    const { text, answer } = await page({ limit: PAGE, ...(checkpoint !== null && { after: checkpoint }) });
    if (answer === null) {
      hub.log('warning', 'The interface has forgotten the cursor: reads may be missing.');
      checkpoint = null;
      continue;
    }
    if (answer.more && answer.next === checkpoint) throw later('stuck_cursor', 'There is more, but the cursor stays.');
    if (answer.reads.length) {
      const batch = mapped(text, answer);
      await hub.emit(batch);
      const last = batch.events.at(-1);
      if (last) lagS = Math.max(0, (Date.now() - Date.parse(last.time)) / 1000);
    }
    checkpoint = answer.next;
    if (!answer.more) return answer.as_of;
    if (stopping.signal.aborted) return null;
  }
}

/** One answer; `null` for a cursor that is forgotten. After a 401 once more with a new token. */
async function page(query, again = true) {
  token ??= (await hub.request('credential', { name: 'token' })).token;
  const url = new URL(`${start.config.base_url}/reads?${new URLSearchParams(query)}`);
  const { status, headers, body } = await get(url, { Authorization: `Bearer ${token}` }, start, stopping.signal);
  if (status === 401) token = undefined;
  if (status === 401 && again) return page(query, false);
  if (status === 410) return { answer: null };
  if (status !== 200) throw refusal(status, headers['retry-after']);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const answer = JSON.parse(text);
    if (!Array.isArray(answer.reads) || typeof answer.next !== 'string') throw new TypeError();
    return { text, answer };
  } catch {
    throw later('unreadable_answer', 'The answer is no page of reads.', 'Check whether a proxy or log-in page answers.');
  }
}

function refusal(status, retryAfter) {
  const detail = `The interface answered with status ${status}.`;
  if ([401, 403, 404].includes(status)) {
    return askAPerson(`vendor_status_${status}`, detail, 'Check the credential, the address and what it may see.');
  }
  const seconds = Number(retryAfter ?? NaN) || (Date.parse(retryAfter) - Date.now()) / 1000;
  return later(`vendor_status_${status}`, detail, 'It is asked again by itself.', seconds > 0 ? seconds : undefined);
}

function mapped(text, { reads, next, more, as_of }) {
  const batch = { events: [], pointers: [], rejected: [], checkpoint: next };
  reads.forEach((row, index) => {
    const wrong = misfit(row);
    if (wrong) return batch.rejected.push({ raw: JSON.stringify(row), code: 'unmapped_read', detail: wrong });
    batch.pointers.push(`/reads/${index}`);
    return batch.events.push(event(row));
  });
  if (!more && as_of) batch.assured_until = as_of;
  return { ...batch, raw: { body: text, content_type: 'application/json', encoding: 'text' } };
}

function event({ id, read_at, plate, reader, region, confidence, heading_deg, longitude, latitude }) {
  const data = { plate, reader, region, confidence, heading_deg };
  if (longitude != null && latitude != null) data.place = { point: [longitude, latitude] };
  return {
    specversion: '1.0', id, source: start.source, type: manifest.event_types[0], time: read_at,
    dataclassification: manifest.handling, data: Object.fromEntries(Object.entries(data).filter(([, value]) => value != null)),
  };
}

/** Why a row is no read; it never quotes the row. */
function misfit(row) {
  if (typeof row !== 'object' || row === null) return 'It is no object.';
  for (const name of ['id', 'plate', 'reader', 'read_at']) {
    if (typeof row[name] !== 'string' || !row[name]) return `${name} is no text.`;
  }
  if (!TIME.test(row.read_at) || Number.isNaN(Date.parse(row.read_at))) return 'read_at is no time with a zone.';
  for (const [name, type] of Object.entries(OPTIONAL)) {
    if (row[name] != null && typeof row[name] !== type) return `${name} is no ${type}.`;
    const seen = drift[name];
    if (row[name] != null) Object.assign(seen, { had: seen.lacked ? 1 : seen.had + 1, lacked: 0 });
    else if (seen.had >= HAD) seen.lacked += 1;
  }
  return '';
}

function missed() {
  const names = Object.keys(OPTIONAL).filter((name) => drift[name].lacked >= LACKED);
  if (!names.length) return {};
  const error = later('schema_drift', `Reads have no ${names.join(', ')} any more.`, 'Ask the vendor what has changed.');
  return { problem: problem(error) };
}

function problem({ number, code, message, remedy }) {
  return { code, detail: message, remedy: remedy ?? '', attention: number === -32002 };
}

function pause(seconds) {
  return new Promise((done) => {
    const timer = setTimeout(done, seconds * 1000);
    stopping.signal.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
  });
}
