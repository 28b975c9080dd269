/** The names of the objects of which there is one for each shop, or one for all. Part of the stored format. */
export const ALLOWANCE_NAME = "v1";
export const AUDIENCES_NAME = "v1";
export const ALERTS_NAME = "v1";
