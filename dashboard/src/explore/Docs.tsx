/** The documentation: the schema with its descriptions, to search and to walk through. */

import { getNamedType, isEnumType, isInterfaceType, isRequiredArgument, isUnionType } from "graphql";
import type { GraphQLArgument, GraphQLNamedType, GraphQLSchema, GraphQLType } from "graphql";
import { useEffect, useRef, useState } from "preact/hooks";
import { fieldsOf, found, type AnyField, type Place } from "./schema";
import { TEXTS } from "./texts";

type Props = {
  readonly schema: GraphQLSchema | null;
  /** The places that somebody has walked through; the last is shown. */
  readonly walked: readonly Place[];
  readonly walk: (walked: readonly Place[]) => void;
};

type Go = (place: Place) => void;

export function Docs({ schema, walked, walk }: Props) {
  const [letters, setLetters] = useState("");
  const at = walked[walked.length - 1];
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (at) head.current?.focus();
  }, [at]);
  if (!schema) return <p class="soft">{TEXTS.docs.waiting}</p>;
  const go: Go = (place) => {
    setLetters("");
    walk([...walked, place]);
  };
  return (
    <>
      <div class="docs-head">
        {at && (
          <button type="button" class="button" onClick={() => walk(walked.slice(0, -1))}>
            {TEXTS.docs.back}
          </button>
        )}
        <input
          type="search"
          aria-label={TEXTS.docs.search}
          placeholder={TEXTS.docs.search}
          value={letters}
          onInput={(event) => setLetters(event.currentTarget.value)}
        />
      </div>
      {letters.trim() ? (
        <Found schema={schema} letters={letters} go={go} />
      ) : at ? (
        <Shown schema={schema} place={at} go={go} head={head} />
      ) : (
        <Roots schema={schema} go={go} />
      )}
    </>
  );
}

function Found({ schema, letters, go }: { readonly schema: GraphQLSchema; readonly letters: string; readonly go: Go }) {
  const places = found(schema, letters);
  if (!places.length) return <p class="soft">{TEXTS.docs.none}</p>;
  return (
    <ul class="found">
      {places.map((place) => (
        <li key={`${place.type}.${place.field}`}>
          <button type="button" class="to" onClick={() => go(place)}>
            {place.field ? <span class="soft">{place.type}.</span> : null}
            {place.field ?? place.type}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Roots({ schema, go }: { readonly schema: GraphQLSchema; readonly go: Go }) {
  const roots = [
    [TEXTS.docs.roots.query, schema.getQueryType()],
    [TEXTS.docs.roots.mutation, schema.getMutationType()],
    [TEXTS.docs.roots.subscription, schema.getSubscriptionType()],
  ] as const;
  return (
    <>
      {roots.map(([name, type]) => type && <Fields key={name} title={name} type={type} go={go} brief />)}
      <p>
        <a class="link" href="schema.graphql">
          {TEXTS.docs.file}
        </a>
      </p>
      <dl class="docs-keys">
        {TEXTS.docs.keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

type ShownProps = {
  readonly schema: GraphQLSchema;
  readonly place: Place;
  readonly go: Go;
  readonly head: { current: HTMLHeadingElement | null };
};

function Shown({ schema, place, go, head }: ShownProps) {
  const type = schema.getType(place.type);
  if (!type) return <p class="soft">{TEXTS.docs.none}</p>;
  const field = place.field ? fieldsOf(type).find(({ name }) => name === place.field) : undefined;
  return (
    <>
      <h3 class="place" tabIndex={-1} ref={head}>
        {field ? (
          <>
            <Type of={type} go={go} />.{field.name}
          </>
        ) : (
          type.name
        )}
      </h3>
      {field ? <OneField field={field} go={go} /> : <OneType schema={schema} type={type} go={go} />}
    </>
  );
}

function OneField({ field, go }: { readonly field: AnyField; readonly go: Go }) {
  return (
    <>
      <p>
        <Type of={field.type} go={go} />
      </p>
      <Prose of={field} />
      {"args" in field && field.args.length > 0 && (
        <section>
          <h4>{TEXTS.docs.arguments}</h4>
          <dl>
            {field.args.map((argument) => (
              <div key={argument.name}>
                <dt>
                  <code>{argument.name}</code> <Type of={argument.type} go={go} />
                </dt>
                <dd>
                  <Prose of={argument} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

function OneType({ schema, type, go }: { readonly schema: GraphQLSchema; readonly type: GraphQLNamedType; readonly go: Go }) {
  const possible = isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type) : [];
  return (
    <>
      <Prose of={type} />
      {fieldsOf(type).length > 0 && <Fields title={TEXTS.docs.fields} type={type} go={go} />}
      {isEnumType(type) && (
        <section>
          <h4>{TEXTS.docs.values}</h4>
          <dl>
            {type.getValues().map((value) => (
              <div key={value.name}>
                <dt>
                  <code>{value.name}</code>
                </dt>
                <dd>
                  <Prose of={value} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {possible.length > 0 && (
        <section>
          <h4>{TEXTS.docs.implementations}</h4>
          <ul>
            {possible.map((one) => (
              <li key={one.name}>
                <Type of={one} go={go} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

type FieldsProps = { readonly title: string; readonly type: GraphQLNamedType; readonly go: Go; readonly brief?: boolean };

/** `brief`: the first sentence of each description. */
function Fields({ title, type, go, brief = false }: FieldsProps) {
  const Heading = brief ? "h3" : "h4"; // below the name of the type, where there is one
  return (
    <section>
      <Heading>{title}</Heading>
      <dl>
        {fieldsOf(type).map((field) => (
          <div key={field.name}>
            <dt>
              <button type="button" class="to" onClick={() => go({ type: type.name, field: field.name })}>
                {field.name}
              </button>{" "}
              {!brief && <Type of={field.type} go={go} />}
            </dt>
            <dd>
              <Prose of={field} brief={brief} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Type({ of, go }: { readonly of: GraphQLType; readonly go: Go }) {
  const { name } = getNamedType(of);
  const [before = "", after = ""] = String(of).split(name);
  return (
    <code class="type">
      {before}
      <button type="button" class="to" onClick={() => go({ type: name })}>
        {name}
      </button>
      {after}
    </code>
  );
}

type Described = {
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
};

function Prose({ of, brief = false }: { readonly of: Described | GraphQLArgument; readonly brief?: boolean }) {
  const text = of.description ?? "";
  const why = "deprecationReason" in of ? of.deprecationReason : null;
  return (
    <>
      {text && <p class="prose">{withCode(brief ? (/^[^]*?\.(?=\s|$)/.exec(text)?.[0] ?? text) : text)}</p>}
      {why && <p class="bad">{TEXTS.docs.deprecated(why)}</p>}
      {"defaultValue" in of && of.defaultValue !== undefined && !isRequiredArgument(of as GraphQLArgument) && (
        <p class="soft">{TEXTS.docs.usual(JSON.stringify(of.defaultValue))}</p>
      )}
    </>
  );
}

/** What stands between backticks is code. */
const withCode = (text: string) => text.split("`").map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part));
