/**
 * The field of a form that tells for whom its page was made: in pages by `<MadeFor />`, checked on the
 * server before any action runs. Remix reserves names with `_` as well (`_data`, `_routes`).
 */
export const MADE_FOR_FIELD = "_for";

/** In the `notice` of an address: a form was not done, as it was made for somebody else. */
export const ANOTHER_PERSON = "another_person";
