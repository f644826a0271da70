import ts from "typescript";

export interface Import {
  /** As it stands in the text: `../config/clock.server`, `jose`. */
  from: string;
  /** Gone after compiling. */
  typeOnly: boolean;
}

/** All that a module imports: statically, dynamically, re-exported, or as a type. */
export function importsIn(text: string): Import[] {
  const found: Import[] = [];
  visit(text, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ from: node.moduleSpecifier.text, typeOnly: bringsOnlyTypes(node) });
    }
    if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      if (ts.isStringLiteral(node.moduleSpecifier)) {
        found.push({ from: node.moduleSpecifier.text, typeOnly: node.isTypeOnly });
      }
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      if (ts.isStringLiteral(literal)) found.push({ from: literal.text, typeOnly: true });
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments;
      if (from && ts.isStringLiteral(from)) found.push({ from: from.text, typeOnly: false });
    }
  });
  return found;
}

function bringsOnlyTypes({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = importClause;
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  );
}

/** Where a module helps itself to the world outside: time, chance, network, environment. */
export function ambientUsesIn(text: string): string[] {
  const found: string[] = [];
  visit(text, (node) => {
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.getText().replaceAll(/\s/g, "");
      if (["Date.now", "Math.random", "process.env", "performance.now"].includes(name)) {
        found.push(name);
      }
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const { text: name } = node.expression;
      const ambient = ["fetch", "setTimeout", "setInterval"].includes(name);
      if (ambient && !isHandedIn(name, node)) found.push(name);
    }
    if (ts.isNewExpression(node) && node.expression.getText() === "Date") {
      if (!node.arguments?.length) found.push("new Date()");
    }
  });
  return found;
}

/** Whether a function around the node has a parameter of this name, or one that is taken apart to it. */
function isHandedIn(name: string, node: ts.Node): boolean {
  for (let around = node.parent; around; around = around.parent) {
    if (!ts.isFunctionLike(around)) continue;
    if (around.parameters.some((parameter) => namesIn(parameter.name).includes(name))) return true;
  }
  return false;
}

function namesIn(binding: ts.BindingName): string[] {
  if (ts.isIdentifier(binding)) return [binding.text];
  return binding.elements.flatMap((element) =>
    ts.isBindingElement(element) ? namesIn(element.name) : [],
  );
}

const ENTRANCES = new Set(["loader", "action"]);

/**
 * The first statement of each loader and action that a route exports, or the name of what one is; empty
 * text for one that comes from elsewhere.
 */
export function firstStatementsIn(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  visit(text, (node) => {
    if (ts.isFunctionDeclaration(node) && isExported(node)) {
      note(node.name?.text, node.body);
    }
    if (ts.isVariableStatement(node) && isExported(node)) {
      for (const { name, initializer } of node.declarationList.declarations) {
        const made = initializer && ts.isFunctionLike(initializer) ? initializer : undefined;
        note(name.getText(), made && "body" in made ? made.body : initializer);
      }
    }
    if (ts.isExportSpecifier(node)) note(node.name.text, undefined);
  });
  function note(name: string | undefined, body: ts.Node | undefined) {
    if (name === undefined || !ENTRANCES.has(name)) return;
    const first = body && ts.isBlock(body) ? body.statements[0] : body;
    found[name] = first?.getText() ?? "";
  }
  return found;
}

/** The forms that post, by the name of their element, and whether `<MadeFor />` is inside. */
export function postingFormsIn(text: string): { name: string; saysForWhom: boolean }[] {
  const found: { name: string; saysForWhom: boolean }[] = [];
  visit(text, (node) => {
    if (!ts.isJsxElement(node)) return;
    const name = node.openingElement.tagName.getText();
    if (!/(^|\.)form$/i.test(name)) return;
    const method = node.openingElement.attributes.properties.find(
      (attribute) => ts.isJsxAttribute(attribute) && attribute.name.getText() === "method",
    );
    if (!method || /"get"/i.test(method.getText())) return;
    found.push({ name, saysForWhom: /<MadeFor \/>/.test(node.getText()) });
  });
  return found;
}

function isExported(node: ts.HasModifiers): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function visit(text: string, look: (node: ts.Node) => void): void {
  const source = ts.createSourceFile("module.tsx", text, ts.ScriptTarget.Latest, true);
  const walk = (node: ts.Node): void => {
    look(node);
    ts.forEachChild(node, walk);
  };
  walk(source);
}

/** All text that a module holds: strings, templates without what is put in, text between tags. */
export function textsIn(text: string): string[] {
  const found: string[] = [];
  visit(text, (node) => {
    if (ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node)) {
      found.push(node.text);
    }
  });
  return found;
}
