/** Completes the variables: their names as the request declares them, and the fields of input objects. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { getNamedType, isEnumType, isInputObjectType, Kind, parse, typeFromAST, type GraphQLSchema } from "graphql";
import type { GraphQLNamedType, TypeNode } from "graphql";

/** Complete where the cursor is. `asked` tells the schema, and the document whose variables these are. */
export function completing(asked: () => { readonly schema: GraphQLSchema | null; readonly query: string }) {
  return (context: CompletionContext): CompletionResult | null => {
    const { schema, query } = asked();
    const word = context.matchBefore(/"?\w*/);
    if (!schema || !word || (word.text === "" && !context.explicit)) return null;
    const options = optionsAt(pathAt(context), isValue(context), schema, query);
    return options.length ? { from: word.from, to: endOf(context), options, validFor: /^"?\w*$/ } : null;
  };
}

/** Past the quote that was closed by itself. */
const endOf = ({ state, pos }: CompletionContext) => (state.sliceDoc(pos, pos + 1) === '"' ? pos + 1 : pos);

/** The names of the properties around the cursor, the outermost first. */
function pathAt({ state, pos }: CompletionContext): string[] {
  const names: string[] = [];
  let node = syntaxTree(state).resolveInner(pos, -1);
  let inValue = false;
  for (; node.parent; node = node.parent) {
    if (node.name === "Property" && inValue) {
      const name = node.getChild("PropertyName");
      if (name) names.unshift(state.sliceDoc(name.from + 1, name.to - 1));
    }
    inValue = node.name !== "PropertyName" && (inValue || node.name === "Object" || node.name === "String");
  }
  return names;
}

const isValue = ({ state, pos }: CompletionContext) => /:\s*"?\w*$/.test(state.doc.lineAt(pos).text.slice(0, pos - state.doc.lineAt(pos).from));

function optionsAt(path: readonly string[], value: boolean, schema: GraphQLSchema, query: string): Completion[] {
  const [variable, ...fields] = path;
  if (variable === undefined) return value ? [] : [...declared(query)].map(([name, type]) => option(name, textOf(type)));
  const node = declared(query).get(variable);
  const type = node && typeFromAST(schema, node as never);
  let at: GraphQLNamedType | undefined = type && getNamedType(type);
  for (const field of fields) at = isInputObjectType(at) ? getNamedType(at.getFields()[field]?.type) : undefined;
  if (value && isEnumType(at)) return at.getValues().map(({ name, description }) => option(name, "", description));
  if (value || !isInputObjectType(at)) return [];
  return Object.values(at.getFields()).map(({ name, type, description }) => option(name, String(type), description));
}

function declared(query: string): Map<string, TypeNode> {
  try {
    const operations = parse(query).definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
    const variables = operations.flatMap((one) => one.variableDefinitions ?? []);
    return new Map(variables.map(({ variable, type }) => [variable.name.value, type]));
  } catch {
    return new Map();
  }
}

const option = (label: string, detail: string, info?: string | null): Completion => ({
  label: `"${label}"`,
  displayLabel: label,
  detail,
  ...(info ? { info } : {}),
});

const textOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : type.kind === Kind.LIST_TYPE ? `[${textOf(type.type)}]` : `${textOf(type.type)}!`;
