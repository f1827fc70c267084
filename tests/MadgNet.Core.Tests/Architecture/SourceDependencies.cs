using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MadgNet.Core.Tests.Architecture;

/// <summary>
/// What the compiler binds in a project's source: every name in signatures, fields and bodies that is a type, or a member of
/// one. The compiled assembly would not do: constants and <c>nameof</c> leave no trace in it. Documentation may point anywhere
/// and does not count.
/// </summary>
internal static class SourceDependencies
{
    private const string Globals = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using MadgNet.Core.Foundation;
        """;

    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    /// <summary>The uses of types in namespaces that begin with one of the names, in all source files below a folder.</summary>
    public static IReadOnlyList<Dependency> Read(string folder, params IReadOnlyList<string> namespaces)
    {
        SyntaxTree[] trees =
        [
            .. Files(folder)
                .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), Parsing, Path.GetRelativePath(folder, path))),
        ];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Source",
            [.. trees, CSharpSyntaxTree.ParseText(Globals, Parsing)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator)
                .Where(path => !Path.GetFileName(path).StartsWith("MadgNet.", StringComparison.Ordinal))
                .Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        return [.. trees.SelectMany(tree => Of(tree, compilation.GetSemanticModel(tree), namespaces))];
    }

    /// <summary>The source files below a folder, without what a build makes.</summary>
    public static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(path => !Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<Dependency> Of(SyntaxTree tree, SemanticModel model, IReadOnlyList<string> namespaces)
    {
        var seen = new HashSet<(string, string)>();
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (name.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null
                || name.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>() is not { } declaration
                || Owner(model.GetSymbolInfo(name).Symbol) is not { } used
                || Namespace(used) is not { } to
                || !namespaces.Any(start => to == start || to.StartsWith(start + ".", StringComparison.Ordinal))
                || model.GetDeclaredSymbol(declaration) is not { } user
                || Namespace(user) is not { } from
                || from == to
                || !seen.Add((Outermost(user).Name, Outermost(used).Name)))
            {
                continue;
            }

            int line = name.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            yield return new Dependency(from, to, Outermost(user).Name, Outermost(used).Name, $"{tree.FilePath}:{line}");
        }
    }

    /// <summary>The type that a symbol is or belongs to; none for locals, parameters and namespaces.</summary>
    private static INamedTypeSymbol? Owner(ISymbol? symbol) => symbol switch
    {
        INamedTypeSymbol type => type,
        IMethodSymbol { ReducedFrom: { } extension } => extension.ContainingType,
        IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol => symbol.ContainingType,
        _ => null,
    };

    private static INamedTypeSymbol Outermost(INamedTypeSymbol type) =>
        type.ContainingType is { } outer ? Outermost(outer) : type;

    private static string? Namespace(INamedTypeSymbol type) =>
        type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() : null;
}
