namespace MadgNet.Cli.Tests.Support;

/// <summary>A run of <c>madgnet train</c> on four pictures, that the tests of every command that needs weights share.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly Workspace _workspace = new();

    public TrainedRun(Tool tool)
    {
        Data = _workspace.Pairs("data", 4);
        Folder = _workspace.At("run");
        Result = tool.Run(
            "train", "--images", Images, "--masks", Masks, "--output", Folder,
            "--epochs", "1", "--batch", "2", "--size", "64", "--intensity", "minmax", "--seed", "3", "--json").Expect(0);
    }

    /// <summary>What the training said.</summary>
    public ToolResult Result { get; }

    public string Data { get; }

    public string Folder { get; }

    public string Images => Path.Combine(Data, "images");

    public string Masks => Path.Combine(Data, "masks");

    public string Weights => Path.Combine(Folder, "best.safetensors");

    public void Dispose() => _workspace.Dispose();
}
