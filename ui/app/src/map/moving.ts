// Units and vehicles as one WebGL draw: a new frame is one buffer upload, no tiles are rebuilt.
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import type { Point } from "../api";
import { BUSY, VEHICLE, type Frame } from "../live/positions";
import type { Palette } from "./palette";
import { rgb } from "./palette";
import { MOVING } from "./style";

export const FADES_FROM_MS = 60_000;
export const GONE_AT_MS = 15 * 60_000;

/** x, y, cosine and sine of the course (both 0 when not known), time, look. */
export const FLOATS = 6;
const MANY = 2000;
const NEAR_ZOOM = 14.5;
const DEGREE = Math.PI / 180;

const VERTEX = `#version 300 es
precision highp float;
in vec2 place; in vec2 course; in float time; in float look;
uniform mat4 matrix; uniform float now; uniform float size; uniform float crowd; uniform vec2 bearing;
uniform vec3 idle; uniform vec3 busy; uniform vec3 vehicle;
flat out vec2 turn; flat out vec4 fill;
void main() {
  float age = now - time;
  float square = mod(look, 2.0);
  float fade = age > ${GONE_AT_MS}.0 ? 0.0 : 1.0 - 0.75 * clamp((age - ${FADES_FROM_MS}.0) / ${GONE_AT_MS - FADES_FROM_MS}.0, 0.0, 1.0);
  fill = vec4(square > 0.5 ? vehicle : look > 1.5 ? busy : idle, 1.0) * fade;
  turn = vec2(dot(course, bearing), course.y * bearing.x - course.x * bearing.y);
  gl_Position = fade > 0.0 ? matrix * vec4(place, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = max(2.0, size * mix(1.0, crowd, square));
}`;

// A unit: an arrow along its heading, or a disc; with a halo.
const UNIT = `#version 300 es
precision highp float;
flat in vec2 turn; flat in vec4 fill;
uniform vec3 halo;
out vec4 colour;
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  p.y = -p.y;
  float edge;
  if (turn != vec2(0.0)) {
    vec2 q = vec2(p.x * turn.x - p.y * turn.y, p.x * turn.y + p.y * turn.x);
    edge = max(abs(q.x) * 1.55 + q.y - 0.72, -0.62 + abs(q.x) * 0.35 - q.y);
  } else {
    edge = length(p) - 0.55;
  }
  float body = 1.0 - smoothstep(-0.06, 0.06, edge);
  colour = mix(vec4(halo, 1.0) * fill.a, fill, body) * (1.0 - smoothstep(0.12, 0.24, edge));
}`;

// Another vehicle: a hollow square with a halo. There are many, so this has no branch and no curve.
const VEHICLES = `#version 300 es
precision highp float;
flat in vec4 fill;
uniform vec3 halo;
out vec4 colour;
void main() {
  vec2 p = abs(gl_PointCoord * 2.0 - 1.0);
  float edge = max(p.x, p.y);
  float line = clamp((edge - 0.32) * 50.0, 0.0, 1.0) * clamp((0.66 - edge) * 8.3, 0.0, 1.0);
  colour = mix(vec4(halo, 1.0) * fill.a, fill, line) * clamp((0.84 - edge) * 8.3, 0.0, 1.0);
}`;

// A plain square: a tenth of the work where the processor draws.
const ROUGH = `#version 300 es
precision mediump float;
flat in vec4 fill;
out vec4 colour;
void main() { colour = fill; }`;

const ROUGH_SIZE = 0.55;
const ATTRIBUTES = ["place", "course", "time", "look"];

type Program = { program: WebGLProgram; at: (name: string) => WebGLUniformLocation | null };

export class MovingLayer implements CustomLayerInterface {
  readonly id = MOVING;
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  units = true;
  vehicles = true;
  /** Plain squares, for a map that moves without a graphics card. */
  rough = false;
  #map: MapLibre | null = null;
  #gl: WebGL2RenderingContext | null = null;
  #programs: { unit: Program; vehicle: Program; rough: Program } | null = null;
  #parted = 0;
  #buffer: WebGLBuffer | null = null;
  #array: WebGLVertexArrayObject | null = null;
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
    this.#programs = { unit: linked(gl, UNIT), vehicle: linked(gl, VEHICLES), rough: linked(gl, ROUGH) };
    this.#buffer = gl.createBuffer();
    this.#array = gl.createVertexArray();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    this.#attribute("place", 2, 0);
    this.#attribute("course", 2, 2);
    this.#attribute("time", 1, 4);
    this.#attribute("look", 1, 5);
    gl.bindVertexArray(null);
    this.#uploaded = false;
  }

  onRemove(): void {
    for (const { program } of Object.values(this.#programs ?? {})) this.#gl?.deleteProgram(program);
    this.#gl?.deleteBuffer(this.#buffer);
    this.#gl?.deleteVertexArray(this.#array);
    this.#map = this.#gl = null;
  }

  render(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const frame = this.#frame;
    if (!frame?.count || !(this.units || this.vehicles)) return;
    gl.bindVertexArray(this.#array);
    if (!this.#uploaded) this.#upload(gl, frame);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    const { unit, vehicle, rough } = this.#programs!;
    if (this.vehicles) this.#draw(gl, this.rough ? rough : vehicle, 0, this.#parted, input);
    if (this.units) this.#draw(gl, this.rough ? rough : unit, this.#parted, frame.count, input);
    gl.bindVertexArray(null);
  }

  #draw(gl: WebGL2RenderingContext, program: Program, from: number, to: number, input: CustomRenderMethodInput): void {
    if (from === to) return;
    gl.useProgram(program.program);
    this.#setUniforms(gl, program, input);
    gl.drawArrays(gl.POINTS, from, to - from);
  }

  #attribute(name: string, size: number, at: number): void {
    const gl = this.#gl!;
    const place = ATTRIBUTES.indexOf(name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.FLOAT, false, FLOATS * 4, at * 4);
  }

  #upload(gl: WebGL2RenderingContext, frame: Frame): void {
    if (this.#floats.length < frame.count * FLOATS) this.#floats = new Float32Array(frame.count * FLOATS * 1.5);
    this.#parted = fill(this.#floats, frame, this.centre, this.#epoch);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#floats.subarray(0, frame.count * FLOATS), gl.DYNAMIC_DRAW);
    this.#uploaded = true;
  }

  #setUniforms(gl: WebGL2RenderingContext, { at }: Program, input: CustomRenderMethodInput): void {
    const zoom = this.#map!.getZoom();
    gl.uniformMatrix4fv(at("matrix"), false, moved(input.defaultProjectionData.mainMatrix, this.centre));
    gl.uniform1f(at("now"), this.now() - this.#epoch);
    gl.uniform1f(at("size"), (this.rough ? ROUGH_SIZE : 1) * this.#map!.getPixelRatio() * Math.min(20, Math.max(8, 8 + (zoom - 11) * 2.4)));
    gl.uniform1f(at("crowd"), crowd(this.#parted, zoom));
    gl.uniform2fv(at("bearing"), turned(this.#map!.getBearing()));
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

/** How large a vehicle is beside a unit: thousands of them would hide the city, until one is near. */
export function crowd(vehicles: number, zoom: number): number {
  const near = Math.min(1, Math.max(0, (zoom - NEAR_ZOOM) / 1.5));
  return vehicles > MANY ? 0.42 + 0.33 * near : 0.75;
}

const turned = (degrees: number): [number, number] => [Math.cos(degrees * DEGREE), Math.sin(degrees * DEGREE)];

/** Vehicles first, so that units are drawn over them; answers how many there are of the former. */
export function fill(floats: Float32Array, frame: Frame, centre: Point, epoch: number): number {
  const [x0, y0] = mercator(centre);
  let vehicle = 0;
  let unit = frame.count;
  for (let i = 0; i < frame.count; i++) {
    const at = (frame.looks[i]! & VEHICLE ? vehicle++ : --unit) * FLOATS;
    const [x, y] = mercator([frame.places[i * 2]!, frame.places[i * 2 + 1]!]);
    const course = frame.courses[i]! * DEGREE;
    const known = !Number.isNaN(course);
    floats[at] = x - x0;
    floats[at + 1] = y - y0;
    floats[at + 2] = known ? Math.cos(course) : 0;
    floats[at + 3] = known ? Math.sin(course) : 0;
    floats[at + 4] = frame.times[i]! - epoch;
    floats[at + 5] = frame.looks[i]! & (VEHICLE | BUSY);
  }
  return vehicle;
}

/** The matrix with the city's middle as its origin, multiplied before it loses digits. */
function moved(matrix: ArrayLike<number>, centre: Point): Float32Array {
  const [x, y] = mercator(centre);
  const made = Float64Array.from(matrix);
  for (let row = 0; row < 4; row++) made[12 + row] = matrix[row]! * x + matrix[4 + row]! * y + matrix[12 + row]!;
  return Float32Array.from(made);
}

function linked(gl: WebGL2RenderingContext, fragment: string): Program {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? "shader");
    gl.attachShader(program, shader);
  }
  ATTRIBUTES.forEach((name, place) => gl.bindAttribLocation(program, place, name));
  gl.linkProgram(program);
  const known = new Map<string, WebGLUniformLocation | null>();
  const at = (name: string) => {
    if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
    return known.get(name) ?? null;
  };
  return { program, at };
}
