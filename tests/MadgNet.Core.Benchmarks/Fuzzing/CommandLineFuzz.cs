using System.Globalization;
using System.Text;
using MadgNet.Cli.CommandLine;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>
/// Command lines that are cut, doubled and mixed, an argument a line. The files that they name do not exist, so that nothing is written
/// wherever they point to.
/// </summary>
internal static class CommandLineFuzz
{
    private static readonly string[] Lines =
    [
        "predict\n--weights\nnone/w.safetensors\n--input\nnone/images\n--output\nnone/masks\n--size\n64\n--tta\nflips\n--json",
        "predict\n-w\nnone/w.onnx\n-i\nnone/a.png\n-o\nnone/o\n--tile\n512\n--overlay\n--probabilities\n--max-pixels\n100\n--time-limit\n3",
        "evaluate\n--predictions\nnone/p\n--masks\nnone/m\n--label-names\ncup,disc\n--label-values\n1,2+3\n--profile\nofficial",
        "evaluate\n-w\nnone/w\n--images\nnone/i\n--masks\nnone/m\n-o\nnone/r.json\n--threshold\n0.4\n--output-values\nlogit",
        "train\n--images\nnone/i\n--masks\nnone/m\n-o\nnone/run\n--epochs\n3\n--batch\n4\n--size\n128\n--learning-rate\n1e-3\n--resume",
        "train\n--images\nnone/i\n--masks\nnone/m\n-o\nnone/run\n--validation\n0.2\n--seed\n7\n--overwrite\n--threads\n1\n--device\ncpu",
        "export\n-w\nnone/w.pth\n-o\nnone/m.onnx\n--precision\nint8\n--size\nnative\n--bytes\n--logits\n--all-outputs",
        "inspect\nnone/w.safetensors\n--tensors\n--verbose",
        "doctor\nnone/data\n--against\nnone/test\n--no-duplicates\n--quiet",
        "doctor\n--images\nnone/i\n--masks\nnone/m\n--help",
        "--version",
    ];

    /// <summary>The target.</summary>
    public static FuzzTarget Create() =>
        new("command line", [.. Lines.Select(line => (".txt", Encoding.UTF8.GetBytes(line)))], Text: true, (_, bytes) => Run(bytes));

    private static void Run(byte[] bytes)
    {
        string[] arguments = Encoding.UTF8.GetString(bytes).Split('\n');
        TextWriter console = Console.Out;
        TextWriter errors = Console.Error;
        using var said = new StringWriter(CultureInfo.InvariantCulture);
        Console.SetOut(said);
        Console.SetError(said);
        int code;
        try
        {
            code = CommandLineTool.Run(arguments, CancellationToken.None);
        }
        finally
        {
            Console.SetOut(console);
            Console.SetError(errors);
        }

        if (code is not (0 or 1 or 2) || said.ToString().Contains("fault of madgnet", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Exit code {code}: {said}");
        }
    }
}
