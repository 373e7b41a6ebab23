// Units and vehicles as one WebGL draw: a new frame is one buffer upload, no tiles are rebuilt.
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import type { Point } from "../api";
import { BUSY, VEHICLE, type Frame } from "../live/positions";
import type { Palette } from "./palette";
import { rgb } from "./palette";

export const FADES_FROM_MS = 60_000;
export const GONE_AT_MS = 15 * 60_000;

const FLOATS = 5; // x, y, course, time, look
const UNKNOWN_COURSE = -1;

const VERTEX = `#version 300 es
precision highp float;
in vec2 place; in float course; in float time; in float look;
uniform mat4 matrix; uniform float now; uniform float size; uniform vec2 shown; uniform float bearing; uniform bool rough;
flat out vec2 turn; flat out float fade; flat out float kind;
void main() {
  float age = now - time;
  bool vehicle = mod(look, 2.0) > 0.5;
  float wanted = vehicle ? shown.y : shown.x;
  fade = wanted * (age > ${GONE_AT_MS}.0 ? 0.0 : 1.0 - 0.75 * clamp((age - ${FADES_FROM_MS}.0) / ${GONE_AT_MS - FADES_FROM_MS}.0, 0.0, 1.0));
  float a = radians(course - bearing);
  turn = course < 0.0 ? vec2(0.0) : vec2(cos(a), sin(a));
  kind = look;
  gl_Position = fade > 0.0 ? matrix * vec4(place, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size * (vehicle ? 0.75 : 1.0) * (rough ? 0.6 : 1.0);
}`;

// Units: an arrow along the heading, or a disc. Vehicles: a hollow square. Busy units take the blue.
const FRAGMENT = `#version 300 es
precision highp float;
flat in vec2 turn; flat in float fade; flat in float kind;
uniform vec3 idle; uniform vec3 busy; uniform vec3 halo; uniform vec3 vehicle; uniform bool rough;
out vec4 colour;
void main() {
  if (rough) {
    colour = vec4((mod(kind, 4.0) > 1.5 ? busy : mod(kind, 2.0) > 0.5 ? vehicle : idle) * fade, fade);
    return;
  }
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  p.y = -p.y;
  float edge;
  vec3 fill = mod(kind, 4.0) > 1.5 ? busy : idle;
  if (mod(kind, 2.0) > 0.5) {
    edge = max(abs(p.x), abs(p.y)) - 0.6;
    fill = edge > -0.28 ? vehicle : halo;
  } else if (turn != vec2(0.0)) {
    vec2 q = vec2(p.x * turn.x - p.y * turn.y, p.x * turn.y + p.y * turn.x);
    edge = max(abs(q.x) * 1.55 + q.y - 0.72, -0.62 + abs(q.x) * 0.35 - q.y);
  } else {
    edge = length(p) - 0.55;
  }
  float rim = 0.24;
  if (edge > rim) discard;
  float body = 1.0 - smoothstep(-0.06, 0.06, edge);
  float alpha = (1.0 - smoothstep(rim - 0.12, rim, edge)) * fade;
  colour = vec4(mix(halo, fill, body) * alpha, alpha);
}`;

export class MovingLayer implements CustomLayerInterface {
  readonly id = "moving";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  units = true;
  vehicles = true;
  /** Plain squares, for a map that moves without a graphics card. */
  rough = false;
  #map: MapLibre | null = null;
  #gl: WebGL2RenderingContext | null = null;
  #program: WebGLProgram | null = null;
  #buffer: WebGLBuffer | null = null;
  #array: WebGLVertexArrayObject | null = null;
  #uniforms = new Map<string, WebGLUniformLocation | null>();
  #floats = new Float32Array(0);
  #frame: Frame | null = null;
  #uploaded = true;
  #epoch = Date.now();

  /** Float32 is too coarse for the whole world: places are kept relative to the city's middle. */
  constructor(
    readonly centre: Point,
    public colours: Palette,
    readonly now: () => number,
  ) {}

  show(frame: Frame): void {
    this.#frame = frame;
    this.#uploaded = false;
    this.#map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.#map = map;
    this.#gl = gl;
    this.#program = linked(gl);
    for (const name of ["matrix", "now", "size", "shown", "idle", "busy", "halo", "vehicle", "bearing", "rough"]) {
      this.#uniforms.set(name, gl.getUniformLocation(this.#program, name));
    }
    this.#buffer = gl.createBuffer();
    this.#array = gl.createVertexArray();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    this.#attribute("place", 2, 0);
    this.#attribute("course", 1, 2);
    this.#attribute("time", 1, 3);
    this.#attribute("look", 1, 4);
    gl.bindVertexArray(null);
    this.#uploaded = false;
  }

  onRemove(): void {
    this.#gl?.deleteProgram(this.#program);
    this.#gl?.deleteBuffer(this.#buffer);
    this.#gl?.deleteVertexArray(this.#array);
    this.#map = this.#gl = null;
  }

  render(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const frame = this.#frame;
    if (!frame?.count || !(this.units || this.vehicles)) return;
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#array);
    if (!this.#uploaded) this.#upload(gl, frame);
    this.#setUniforms(gl, input);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.drawArrays(gl.POINTS, 0, frame.count);
    gl.bindVertexArray(null);
  }

  #attribute(name: string, size: number, at: number): void {
    const gl = this.#gl!;
    const place = gl.getAttribLocation(this.#program!, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.FLOAT, false, FLOATS * 4, at * 4);
  }

  #upload(gl: WebGL2RenderingContext, frame: Frame): void {
    if (this.#floats.length < frame.count * FLOATS) this.#floats = new Float32Array(frame.count * FLOATS * 1.5);
    fill(this.#floats, frame, this.centre, this.#epoch);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#floats.subarray(0, frame.count * FLOATS), gl.DYNAMIC_DRAW);
    this.#uploaded = true;
  }

  #setUniforms(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const at = (name: string) => this.#uniforms.get(name) ?? null;
    const zoom = this.#map!.getZoom();
    gl.uniformMatrix4fv(at("matrix"), false, moved(input.defaultProjectionData.mainMatrix, this.centre));
    gl.uniform1f(at("now"), this.now() - this.#epoch);
    gl.uniform1f(at("size"), this.#map!.getPixelRatio() * Math.min(20, Math.max(8, 8 + (zoom - 11) * 2.4)));
    gl.uniform2f(at("shown"), +this.units, +this.vehicles);
    gl.uniform1i(at("rough"), +this.rough);
    gl.uniform1f(at("bearing"), this.#map!.getBearing());
    gl.uniform3fv(at("idle"), rgb(this.colours.unit));
    gl.uniform3fv(at("busy"), rgb(this.colours.blue));
    gl.uniform3fv(at("vehicle"), rgb(this.colours.faint));
    gl.uniform3fv(at("halo"), rgb(this.colours["map-halo"]));
  }
}

/** Web Mercator (EPSG:3857) scaled to 0…1, as MapLibre's world is. */
function mercator([lon, lat]: Point): [number, number] {
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  return [(lon + 180) / 360, (1 - y / Math.PI) / 2];
}

function fill(floats: Float32Array, frame: Frame, centre: Point, epoch: number): void {
  const [x0, y0] = mercator(centre);
  for (let i = 0, at = 0; i < frame.count; i++, at += FLOATS) {
    const [x, y] = mercator([frame.places[i * 2]!, frame.places[i * 2 + 1]!]);
    const course = frame.courses[i]!;
    floats[at] = x - x0;
    floats[at + 1] = y - y0;
    floats[at + 2] = Number.isNaN(course) ? UNKNOWN_COURSE : course;
    floats[at + 3] = frame.times[i]! - epoch;
    floats[at + 4] = frame.looks[i]! & (VEHICLE | BUSY);
  }
}

/** The matrix with the city's middle as its origin, multiplied before it loses digits. */
function moved(matrix: ArrayLike<number>, centre: Point): Float32Array {
  const [x, y] = mercator(centre);
  const made = Float64Array.from(matrix);
  for (let row = 0; row < 4; row++) made[12 + row] = matrix[row]! * x + matrix[4 + row]! * y + matrix[12 + row]!;
  return Float32Array.from(made);
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? "shader");
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return program;
}
