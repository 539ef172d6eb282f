/** Something that a person can mend: told as it stands, with the next step, and exit status 1. */
export class Failure extends Error {}
