/** The colours of the real one, by their numbers in the 256-colour palette. */

export const ORANGE = { fg: 174 };
export const GREY = { fg: 246 };
export const RULE = { fg: 244 };
export const FAINT = { fg: 239 };
export const BLUE = { fg: 153 };
export const GREEN = { fg: 114 };
export const RED = { fg: 211 };
export const VIOLET = { fg: 147 };
export const WHITE = { fg: 231 };
export const YELLOW = { fg: 220 };
