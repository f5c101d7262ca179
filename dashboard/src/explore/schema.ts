/** The schema, as the server has it, and where one finds what in it. */

import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";
import { headersOf, type Who } from "./who";

/** The schema; or why it is not there. */
export async function loadSchema(who: Who): Promise<GraphQLSchema | string> {
  const response = await fetch("schema.graphql", { headers: headersOf(who) }).catch(() => null);
  if (!response) return "";
  const text = await response.text();
  return response.ok ? buildSchema(text, { assumeValid: true }) : text;
}

/** What the documentation shows: a type, or a field of one. */
export type Place = { readonly type: string; readonly field?: string };

export type AnyField = GraphQLField<unknown, unknown> | GraphQLInputField;

export function fieldsOf(type: GraphQLNamedType): readonly AnyField[] {
  return isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
}

const MOST_FOUND = 40;

/** The places whose name has these letters: types first, then fields, then enums with such a value. */
export function found(schema: GraphQLSchema, letters: string): readonly Place[] {
  const wanted = letters.trim().toLowerCase();
  const has = (name: string) => name.toLowerCase().includes(wanted);
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const inRoots = types.toSorted((one, other) => Number(roots.has(other as never)) - Number(roots.has(one as never)));
  const named = types.filter(({ name }) => has(name)).map(({ name }) => ({ type: name }));
  const fields = inRoots.flatMap((type) =>
    fieldsOf(type)
      .filter(({ name }) => has(name))
      .map(({ name }) => ({ type: type.name, field: name })),
  );
  const enums = types.filter((type) => isEnumType(type) && !has(type.name) && type.getValues().some(({ name }) => has(name)));
  return [...named, ...fields, ...enums.map(({ name }) => ({ type: name }))].slice(0, MOST_FOUND);
}

/** The place of what is under a cursor, as the editor tells it. */
export function placeOf(field?: string, type?: string, parent?: string): Place | null {
  const named = (text: string) => text.replace(/[[\]!]/g, "");
  if (field && parent) return { type: named(parent), field };
  return type ? { type: named(type) } : null;
}
