using System.Text.Json;

namespace MadgNet.Cli.Tests.Support;

/// <summary>What a run of the tool left behind.</summary>
public sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as the one JSON document that it has to be.</summary>
    public JsonElement Json
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(Output);
            JsonElement root = document.RootElement.Clone();
            Assert.Equal("madgnet-cli", root.GetProperty("schema").GetString());
            Assert.Equal(1, root.GetProperty("version").GetInt32());
            Assert.Equal(ExitCode, root.GetProperty("exitCode").GetInt32());
            return root;
        }
    }

    /// <summary>The document's result.</summary>
    public JsonElement Result => Json.GetProperty("result");

    /// <summary>The messages of the document's errors.</summary>
    public IReadOnlyList<string> Errors =>
        [.. Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("message").GetString()!)];

    /// <summary>Fails with everything that was said where the exit code is another.</summary>
    public ToolResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Exit code {ExitCode}, expected {exitCode}.\n{Output}\n{Error}");
        return this;
    }
}
