using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace MadgNet.Core.Tests.Docs;

/// <summary>
/// Makes a program of a block: its lines are top-level statements of a console application with implicit usings that
/// references what a user's application does. Errors carry the document's file and line.
/// </summary>
internal static class CodeBlockProgram
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest);

    // What the running test application itself was started with. Compilations made from one another share what the
    // compiler reads of these assemblies.
    private static readonly Lazy<CSharpCompilation> Empty = new(() => CSharpCompilation.Create(
        "Docs",
        [CSharpSyntaxTree.ParseText(ImplicitUsings, ParseOptions)],
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)));

    /// <summary>Compiles a block.</summary>
    /// <exception cref="InvalidOperationException">The block does not compile; the message lists file, line and error.</exception>
    public static Assembly Compile(CodeBlock block)
    {
        SourceText source = SourceText.From($"#line {block.Line} \"{block.Document}\"\n{block.Code}", Encoding.UTF8);
        CSharpCompilation compilation = Empty.Value
            .WithAssemblyName($"Docs {block.Document} {block.Line}".Replace('/', ' '))
            .AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, ParseOptions, block.Document));
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        EmitResult result = compilation.Emit(
            image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        if (!result.Success)
        {
            IEnumerable<string> errors = result.Diagnostics
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
                .Select(Describe);
            throw new InvalidOperationException($"The block does not compile:\n{string.Join('\n', errors)}");
        }

        return Assembly.Load(image.ToArray(), symbols.ToArray());
    }

    /// <summary>Runs a compiled block in a working folder of its own, to its end.</summary>
    /// <remarks>The working folder belongs to the process: nothing else may run meanwhile.</remarks>
    public static void Run(Assembly program, string workingFolder)
    {
        MethodInfo main = program.EntryPoint!;
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = workingFolder;
        try
        {
            object?[] arguments = main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    private static string Describe(Diagnostic diagnostic)
    {
        FileLinePositionSpan place = diagnostic.Location.GetMappedLineSpan();
        return $"{place.Path}:{place.StartLinePosition.Line + 1}: {diagnostic.Id}: {diagnostic.GetMessage()}";
    }
}
