import { axisOf, type InferContext, input, intAttribute, type OpInfo, reduce, type } from "./op-info.ts";

/** ArgMax and ArgMin: the place of the extremum along one axis. */
const argument = (): OpInfo => ({
  attributes: { axis: "int", keepdims: "int", select_last_index: "int" },
  infer: (c: InferContext) => {
    const { shape } = input(c, 0);
    const axis = axisOf(c, intAttribute(c, "axis", 0), shape.length);
    const keep = intAttribute(c, "keepdims", 1) === 1;
    return [type("int64", keep ? shape.with(axis, 1) : shape.toSpliced(axis, 1))];
  },
});

export const reductionOps = {
  ArgMax: argument(),
  ArgMin: argument(),
  ReduceL1: reduce(),
  ReduceL2: reduce(),
  ReduceLogSum: reduce(),
  ReduceLogSumExp: reduce(),
  ReduceMax: reduce(),
  ReduceMean: reduce(),
  ReduceMin: reduce(),
  ReduceProd: reduce(),
  ReduceSum: reduce(),
  ReduceSumSquare: reduce(),
} as const satisfies Record<string, OpInfo>;
