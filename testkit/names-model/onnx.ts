// Writes a small ONNX file: as much of the format as a model of names needs, from its published description (onnx.proto3), and nothing learned.
// Numbers of fields stand beside what they mean.

type Bytes = readonly number[] | Uint8Array;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    const low = Number(left & 127n);
    left >>= 7n;
    bytes.push(left === 0n ? low : low | 128);
  } while (left !== 0n);
  return bytes;
}

const number = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Bytes): Bytes =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(value.length)]), Buffer.from(value)]);
const text = (field: number, value: string): Bytes => bytes(field, Buffer.from(value));
const message = (field: number, parts: readonly Bytes[]): Bytes => bytes(field, Buffer.concat(parts.map((part) => Buffer.from(part))));

const FLOAT = 1;
const INT64 = 7;

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9. */
function tensor(name: string, dims: readonly number[], values: readonly number[], type = FLOAT): Bytes {
  const raw = type === FLOAT ? Float32Array.from(values) : BigInt64Array.from(values, BigInt);
  return message(5, [...dims.map((dim) => number(1, dim)), number(2, type), text(8, name), bytes(9, new Uint8Array(raw.buffer))]);
}

/** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_value 1 | dim_param 2 } } } }. */
function value(field: number, name: string, type: number, dims: readonly (number | string)[]): Bytes {
  const shape = message(
    2,
    dims.map((dim) => message(1, [typeof dim === 'number' ? number(1, dim) : text(2, dim)])),
  );
  return message(field, [text(1, name), message(2, [message(1, [number(1, type), shape])])]);
}

/** NodeProto: input 1, output 2, op_type 4, attribute 5 { name 1, i 3, type 20 (2 is a whole number) }. */
function node(operator: string, inputs: readonly string[], output: string, whole: Readonly<Record<string, number>> = {}): Bytes {
  const attributes = Object.entries(whole).map(([name, i]) => message(5, [text(1, name), number(3, i), number(20, 2)]));
  return message(1, [...inputs.map((input) => text(1, input)), text(2, output), text(4, operator), ...attributes]);
}

export interface OnnxModel {
  /** A row of scores for each entry of the vocabulary. */
  readonly scores: readonly (readonly number[])[];
  readonly opset?: number;
  readonly inputs?: readonly string[];
  readonly inputType?: number;
  /** Multiplies large tables before it answers. */
  readonly isSlow?: boolean;
}

/** Looks up a row for each piece, projects it to labels and adds a bias: an embedding and a classifier, as any token classifier ends. */
export function writeOnnx({
  scores,
  opset = 13,
  inputs = ['input_ids', 'attention_mask'],
  inputType = INT64,
  isSlow = false,
}: OnnxModel): Buffer {
  const labels = scores[0]?.length ?? 0;
  const identity = Array.from({ length: labels * labels }, (_, at) => (at % (labels + 1) === 0 ? 2 : 0));
  const wide = 1_024;
  const slow: readonly Bytes[] = [
    node('Cast', ['input_ids'], 'as_float', { to: FLOAT }),
    node('ReduceMax', ['as_float'], 'largest', { keepdims: 0 }),
    node('Expand', ['largest', 'wide'], 'table'),
    node('MatMul', ['table', 'table'], 'product'),
    node('ReduceMax', ['product'], 'most', { keepdims: 0 }),
    node('Mul', ['most', 'nearly_nothing'], 'nothing'),
    node('Add', ['plain', 'nothing'], 'logits'),
  ];
  const graph = [
    node('Gather', ['embedding', 'input_ids'], 'rows', { axis: 0 }),
    node('MatMul', ['rows', 'classifier'], 'projected'),
    node('Add', ['projected', 'bias'], isSlow ? 'plain' : 'logits'),
    ...(isSlow ? slow : []),
    text(2, 'names'),
    tensor('embedding', [scores.length, labels], scores.flat()),
    tensor('classifier', [labels, labels], identity),
    tensor(
      'bias',
      [labels],
      Array.from({ length: labels }, () => 0.25),
    ),
    ...(isSlow ? [tensor('wide', [2], [wide, wide], INT64), tensor('nearly_nothing', [], [1e-20])] : []),
    ...inputs.map((name) => value(11, name, inputType, ['batch', 'pieces'])),
    value(12, 'logits', FLOAT, ['batch', 'pieces', labels]),
  ];
  // ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8 { domain 1, version 2 }.
  const model = [number(1, 8), text(2, 'testkit'), message(7, graph), message(8, [text(1, ''), number(2, opset)])];
  return Buffer.concat(model.map((part) => Buffer.from(part)));
}
