using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MadgNet.Core.Tests.Architecture;

/// <summary>
/// What the compiler binds in a project's source: every name in signatures, fields and bodies that is a type of the library, or
/// a member of one. The compiled assembly would not do: constants and <c>nameof</c> leave no trace in it. Documentation may
/// point anywhere and does not count.
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

    /// <summary>The dependencies between the namespaces that begin with a name, of all source files below a folder.</summary>
    public static IReadOnlyList<Dependency> Read(string folder, string library)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        SyntaxTree[] trees =
        [
            .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(path => !Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
                .Order(StringComparer.Ordinal)
                .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), options, Path.GetRelativePath(folder, path))),
        ];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Source",
            [.. trees, CSharpSyntaxTree.ParseText(Globals, options)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator)
                .Where(path => !Path.GetFileName(path).StartsWith("MadgNet.", StringComparison.Ordinal))
                .Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        return [.. trees.SelectMany(tree => Of(tree, compilation.GetSemanticModel(tree), library))];
    }

    private static IEnumerable<Dependency> Of(SyntaxTree tree, SemanticModel model, string library)
    {
        var seen = new HashSet<(string, string)>();
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (name.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null
                || name.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>() is not { } declaration
                || Owner(model.GetSymbolInfo(name).Symbol) is not { } used
                || Namespace(used) is not { } to
                || !to.StartsWith(library, StringComparison.Ordinal)
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

    private static INamedTypeSymbol Outermost(INamedTypeSymbol type) => type.ContainingType is { } outer ? Outermost(outer) : type;

    private static string? Namespace(INamedTypeSymbol type) =>
        type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() : null;
}
