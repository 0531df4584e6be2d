/**
 * The environment variable by which a process that has opened a sweep hands it on to one that it starts: the sweep's folder. A
 * cancellation that comes between the two is then heard, and not taken for an old one.
 */
export const handedSweep = "TTM_HANDED_SWEEP";
