// The worker protocol (docs/worker-protocol.md) for Node, and the way out to the vendor.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';

const LATER = -32001, PERSON = -32002;
const BEAT_MS = 4000, CALL_MS = 10_000, LARGEST = 16 * 1024 * 1024;

/** What went wrong, in the protocol's terms: `number` says what the other side should do next. */
export class Fault extends Error {
  constructor(number, code, detail, remedy, retryAfter) {
    super(detail);
    Object.assign(this, { number, code, remedy, retryAfter });
  }
}
export const later = (code, detail, remedy, retryAfter) => new Fault(LATER, code, detail, remedy, retryAfter);
export const askAPerson = (code, detail, remedy) => new Fault(PERSON, code, detail, remedy);

/** The hub's end of the line. `handlers` answer what it asks: name to async function of params. */
export class Hub {
  #handlers; #waiting = new Map(); #number = 0; #rest = []; #credited = () => {};
  #events = 0; #bytes = 0; #beat = {};

  constructor(handlers) {
    this.#handlers = handlers;
    // Not readline: it takes U+2028 for the end of a line, which JSON allows inside of one.
    process.stdin.on('data', (part) => this.#take(part)).on('end', () => process.exit(0));
    process.on('uncaughtException', (error) => {
      process.stderr.write(`${error.name} in ${error.stack?.match(/\w+\.mjs:\d+/)?.[0]}\n`);
      process.exit(1); // Its message might quote a record.
    });
  }

  /** From the handshake on: credits as they were given, and heartbeats. */
  begin({ events, bytes }) {
    this.#credit({ events, bytes });
    setInterval(() => this.heartbeat(), BEAT_MS);
  }

  /** Hand a batch over; resolves when all of it is on disk. */
  async emit(batch) {
    while (this.#events <= 0 || this.#bytes <= 0) await new Promise((go) => { this.#credited = go; });
    this.#events -= batch.events.length;
    return this.request('emit', batch);
  }

  /** Say how things are now; without an argument, that nothing has changed. */
  heartbeat(now = this.#beat) {
    this.#beat = now;
    this.#send({ method: 'heartbeat', params: now });
  }

  log(level, message) { this.#send({ method: 'log', params: { level, message } }); }

  request(method, params) {
    const id = ++this.#number;
    const length = this.#send({ id, method, params });
    if (method === 'emit') this.#bytes -= length;
    return new Promise((done, fail) => this.#waiting.set(id, { done, fail }));
  }

  #send(message) {
    const line = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
    process.stdout.write(line);
    return line.length;
  }

  #take(part) {
    for (let end; (end = part.indexOf(10)) >= 0; part = part.subarray(end + 1)) {
      const line = Buffer.concat([...this.#rest, part.subarray(0, end)]);
      this.#rest = [];
      this.#hear(JSON.parse(line));
    }
    this.#rest.push(part);
  }

  #hear({ id, method, params, result, error }) {
    if (method === 'credit') return this.#credit(params);
    if (method) return id === undefined ? undefined : this.#answer(id, method, params);
    const { done, fail } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!error) return done(result);
    const { code, remedy, retry_after: retryAfter } = error.data ?? {};
    return fail(new Fault(error.code, code ?? 'refused', error.message, remedy, retryAfter));
  }

  async #answer(id, method, params) {
    try {
      const handler = this.#handlers[method];
      if (!handler) throw new Fault(-32601, 'no_such_method', `There is no method ${method}.`);
      this.#send({ id, result: await handler(params) });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const data = { code: error.code, remedy: error.remedy ?? '' };
      this.#send({ id, error: { code: error.number, message: error.message, data } });
    }
    if (method === 'stop') process.exit(0);
  }

  #credit({ events, bytes }) {
    this.#events += events;
    this.#bytes += bytes;
    this.#credited();
  }
}

/** One GET, within ten seconds and to the allowed hosts only. Redirects are not followed. */
export async function get(url, headers, { hosts, egress }, stopped) {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(CALL_MS)]);
  const secure = url.protocol === 'https:';
  const host = `${url.hostname}:${url.port || (secure ? 443 : 80)}`;
  if (!hosts.includes(host)) throw askAPerson('host_not_allowed', `${host} is not allowed.`, 'Check the base address.');
  let socket;
  try {
    socket = await (egress ? tunnel(host, egress, signal) : direct(host, signal));
    if (secure) socket = await withTls(socket, url.hostname, signal);
    return await exchange(url, headers, socket, signal);
  } catch (error) {
    if (error instanceof Fault) throw error;
    const why = signal.aborted ? 'did not answer in time' : `cannot be reached (${error.code ?? error.name})`;
    throw later('vendor_unreachable', `${host} ${why}.`, 'Check the address, and whether the system is up.');
  } finally {
    socket?.destroy();
  }
}

// `signal` destroys what it stands for, so nothing is left behind after a deadline.
function until(emitter, event, signal) {
  return new Promise((done, fail) => {
    signal.addEventListener('abort', () => emitter.destroy(signal.reason), { once: true });
    emitter.once(event, (...told) => done(told)).once('error', fail);
  });
}

async function direct(host, signal) {
  const at = host.lastIndexOf(':');
  const socket = net.connect({ host: host.slice(0, at).replace(/^\[|\]$/g, ''), port: +host.slice(at + 1) });
  await until(socket, 'connect', signal);
  return socket;
}

async function tunnel(host, { socket: socketPath, token }, signal) {
  const headers = { Host: host, 'Proxy-Authorization': `Bearer ${token}` };
  const asked = http.request({ socketPath, method: 'CONNECT', path: host, headers }).end();
  const [answer, socket] = await until(asked, 'connect', signal);
  if (answer.statusCode === 200) return socket;
  socket.destroy();
  const why = /error=([a-z_]+)/.exec(answer.headers['proxy-status'] ?? '')?.[1] ?? answer.statusCode;
  const fault = why === 'http_request_denied' ? askAPerson : later;
  throw fault('egress_refused', `The way out to ${host} is closed: ${why}.`, 'Check the address and what the hub allows.');
}

async function withTls(socket, name, signal) {
  const ca = process.env.SSL_CERT_FILE && readFileSync(process.env.SSL_CERT_FILE);
  const servername = net.isIP(name) ? undefined : name;
  const secured = tls.connect({ socket, host: name, servername, ...(ca && { ca }) });
  await until(secured, 'secureConnect', signal);
  return secured;
}

async function exchange(url, headers, socket, signal) {
  const asked = http.request({
    path: url.pathname + url.search, createConnection: () => socket,
    headers: { Host: url.host, Connection: 'close', ...headers },
  }).end();
  const [answer] = await until(asked, 'response', signal);
  const parts = [];
  let length = 0;
  for await (const part of answer) {
    length += part.length;
    if (length > LARGEST) throw later('answer_too_large', 'The answer is larger than 16 MiB.', 'Tell the vendor.');
    parts.push(part);
  }
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) };
}
