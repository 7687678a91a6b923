/** A route template compiled: gives the parameters of a path that fits, undefined for one that does not. */
export type RouteMatcher = (path: string) => Record<string, string> | undefined;

const constraints: Record<string, (argument: string) => (value: string) => boolean> = {
  int: () => value => /^[+-]?\d{1,10}$/.test(value) && Math.abs(Number(value)) < 2 ** 31,
  long: () => value => /^[+-]?\d{1,19}$/.test(value),
  bool: () => value => /^(true|false)$/i.test(value),
  guid: () => value => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
  alpha: () => value => /^[a-z]*$/i.test(value),
  decimal: () => isNumber,
  double: () => isNumber,
  float: () => isNumber,
  datetime: () => value => !Number.isNaN(Date.parse(value)),
  required: () => value => value !== '',
  minlength: least => value => value.length >= Number(least),
  maxlength: most => value => value.length <= Number(most),
  length: range => value => within(value.length, range),
  min: least => value => isNumber(value) && Number(value) >= Number(least),
  max: most => value => isNumber(value) && Number(value) <= Number(most),
  range: range => value => isNumber(value) && within(Number(value), range),
  regex: pattern => value => new RegExp(pattern, 'i').test(value),
};

interface Parameter {
  readonly name: string;
  readonly fallback: string | undefined;
  readonly checks: readonly ((value: string) => boolean)[];
}

/**
 * Compiles an ASP.NET route template: `{id}`, `{id?}`, `{id:int}`, `{x=default}`, `{*rest}`; literals match without regard to
 * case. A path is matched without its leading slash and still percent-encoded; parameters come out decoded.
 *
 * @throws Error for a constraint that ASP.NET does not have.
 */
export function compileRoute(template: string): RouteMatcher {
  const parameters: Parameter[] = [];
  let pattern = '';
  for (const segment of template.split('/').filter(part => part !== '')) {
    const catchAll = /^\{\*{1,2}([^}]*)\}$/.exec(segment);
    const whole = /^\{([^}]*)\}$/.exec(segment);
    if (catchAll) {
      parameters.push(parseParameter(catchAll[1] ?? '', template));
      pattern += '(?:/(.*))?';
    } else if (whole) {
      const parameter = parseParameter(whole[1] ?? '', template);
      parameters.push(parameter);
      const optional = /\?$|=/.test(whole[1] ?? '');
      pattern += optional ? '(?:/([^/]+))?' : '/([^/]+)';
    } else {
      pattern += `/${segment.replace(/\{([^}]*)\}|[^{]+/g, (text, inner?: string) => {
        if (inner === undefined) return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        parameters.push(parseParameter(inner, template));
        return '([^/]+?)';
      })}`;
    }
  }
  const expression = new RegExp(`^${pattern}/?$`, 'i');
  return path => {
    const match = expression.exec(`/${path}`);
    if (match === null) return undefined;
    const values: Record<string, string> = {};
    for (const [index, parameter] of parameters.entries()) {
      const value = decode(match[index + 1]) ?? parameter.fallback;
      if (value === undefined) continue;
      if (!parameter.checks.every(check => check(value))) return undefined;
      values[parameter.name] = value;
    }
    return values;
  };
}

function parseParameter(text: string, template: string): Parameter {
  const match = /^([^:=?]+)((?::[^=?(]+(?:\(.*?\))?)*)(?:=(.*)|\?)?$/.exec(text);
  if (match === null) throw new Error(`route "${template}": cannot read the parameter {${text}}`);
  const [, name = '', list = '', fallback] = match;
  const checks = [...list.matchAll(/:([a-z]+)(?:\((.*?)\))?(?=:|$)/gi)].map(([, constraint = '', argument = '']) => {
    const make = constraints[constraint.toLowerCase()];
    if (make === undefined) {
      throw new Error(
        `route "${template}": no constraint "${constraint}"; known: ${Object.keys(constraints).join(', ')}`,
      );
    }
    return make(argument);
  });
  return { name, fallback, checks };
}

function decode(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function isNumber(value: string): boolean {
  return value !== '' && Number.isFinite(Number(value));
}

function within(value: number, range: string): boolean {
  const [least, most = least] = range.split(',').map(Number);
  return least !== undefined && most !== undefined && value >= least && value <= most;
}
