using System.CommandLine;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Models;
using MadgNet.Core.Runtime;
using MadgNet.Core.Weights;
using MadgNet.Onnx;

namespace MadgNet.Cli.Commands;

/// <summary>Turns weights into an ONNX file.</summary>
internal sealed class ExportCommand : CliCommand
{
    private static readonly Dictionary<string, OnnxPrecision> Precisions = new(StringComparer.Ordinal)
    {
        ["fp32"] = OnnxPrecision.Float32,
        ["fp16"] = OnnxPrecision.Float16Weights,
        ["fp16-compute"] = OnnxPrecision.Float16,
        ["int8"] = OnnxPrecision.Int8,
    };

    private readonly Option<FileInfo> _weights = CommonOptions.Weights(
        "The trained network: this library's safetensors, or a .pth or .pth.tar of the authors' code.");
    private readonly Option<FileInfo> _output = new("--output", "-o")
    {
        Description = "The ONNX file; replaced where there is one.",
        HelpName = "model.onnx",
        Required = true
    };
    private readonly Option<InputSide> _size = CommonOptions.Size(
        "Height and width that the file takes.", "leaves them free, in multiples of 32.");
    private readonly Option<bool> _all = new("--all-outputs")
    {
        Description = "Region, distance and boundary of every stage, not the last region alone."
    };
    private readonly Option<string> _precision = new("--precision")
    {
        Description =
            "fp32; fp16 (half the file, computed in float32); fp16-compute (float16 throughout, for accelerators); int8 (dynamically "
                + "quantised).",
        HelpName = "NAME",
        DefaultValueFactory = _ => "fp32"
    };
    private readonly Option<bool> _logits = new("--logits") { Description = "Leave the sigmoid out: outputs are logits." };
    private readonly Option<bool> _bytes = new("--bytes")
    {
        Description = "Take uint8 images of 0 to 255; the scaling is part of the file."
    };

    public ExportCommand()
        : base(
            "export",
            "Turns weights into an ONNX file, which runs without libtorch.",
            "madgnet export --weights runs/first --output model.onnx",
            "madgnet export -w model.pth.tar -o small.onnx --size 256 --precision int8")
    {
        _weights.Required = true;
        _precision.AcceptOnlyFromAmong([.. Precisions.Keys]);
        foreach (Option option in new Option[] { _weights, _output, _size, _all, _precision, _logits, _bytes })
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string weights = arguments.GetRequiredValue(_weights).ToString();
        string path = arguments.GetRequiredValue(_output).ToString();
        var plan = new OutputPlan();
        plan.ReadFile(weights, "--weights");
        plan.Write(path, "--output", ModelFile.OnnxExtension);
        plan.ThrowIfRefused();
        using (WeightArchive.Open(weights))
        {
        }

        NativeRuntime.EnsureAvailable();
        using SegmentationModel model = SegmentationModel.Load(weights);
        cancellation.ThrowIfCancellationRequested();
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        (int Height, int Width)? size = arguments.GetResult(_size)!.Implicit && model.Input.Size is { } trained
            ? trained
            : arguments.GetRequiredValue(_size).Square;
        if (size is { } side && (side.Height % model.Stride != 0 || side.Width % model.Stride != 0))
        {
            throw new UsageException(new Problem(
                "--size",
                $"{side.Height}",
                $"a multiple of {model.Stride}, which the network needs",
                $"Use {Math.Max(1, (side.Height + (model.Stride / 2)) / model.Stride) * model.Stride}"));
        }

        Directory.CreateDirectory(folder);
        Abandoned.RemoveFrom(folder, output);
        OnnxExporter.Export(model, path, new OnnxExportOptions
        {
            InputSize = size,
            Outputs = arguments.GetValue(_all) ? OnnxOutputs.All : OnnxOutputs.Region,
            Precision = Precisions[arguments.GetRequiredValue(_precision)],
            Sigmoid = !arguments.GetValue(_logits),
            InputValues = arguments.GetValue(_bytes) ? OnnxInputValues.Bytes : OnnxInputValues.Scaled,
        });
        long bytes = new FileInfo(path).Length;
        output.Line($"{path}: {bytes:N0} bytes, opset {OnnxExporter.Opset}, {arguments.GetValue(_precision)}, from {weights}");
        output.Result["output"] = path;
        output.Result["bytes"] = bytes;
        output.Result["opset"] = OnnxExporter.Opset;
        output.Result["precision"] = arguments.GetValue(_precision);
        output.Result["size"] = JsonValue.Create(size?.Height);
        return ExitCode.Done;
    }
}
