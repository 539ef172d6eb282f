/** Something that a person can mend: told as it stands, with the next step, and exit status 1. */
export class Failure extends Error {}

/** The monitor answers, and will answer the same again: it is no use to try once more. */
export class Refused extends Failure {}
