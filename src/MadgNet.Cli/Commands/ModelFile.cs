using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Inference;
using MadgNet.Core.Weights;
using MadgNet.Onnx;

namespace MadgNet.Cli.Commands;

/// <summary>A trained network in any of the files that hold one.</summary>
internal static class ModelFile
{
    public const string OnnxExtension = ".onnx";

    public static bool IsOnnx(string path) => Path.GetExtension(path).Equals(OnnxExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Opens a predictor on this library's safetensors, a checkpoint of the authors' code, or an ONNX file, which needs no libtorch.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to predict.</param>
    /// <param name="usualSize">Whether the input size was not asked for: a network that takes one size only, or knows the size of its
    /// training, gets that one.</param>
    /// <param name="device">What <c>--device</c> says.</param>
    /// <param name="threads">What <c>--threads</c> says.</param>
    /// <param name="onnx">How an ONNX file is run.</param>
    /// <param name="output">Is told where a size is taken that nobody asked for.</param>
    /// <exception cref="MadgNetException">The file cannot be used, or libtorch cannot be loaded.</exception>
    /// <exception cref="UsageException">ONNX on a device that this tool has no runtime for.</exception>
    public static SegmentationPredictor OpenPredictor(
        string path,
        PredictorOptions options,
        bool usualSize,
        string device,
        int? threads,
        OnnxRuntimeOptions onnx,
        CommandOutput output)
    {
        if (IsOnnx(path))
        {
            if (device is not ("auto" or "cpu"))
            {
                throw new UsageException(new Problem(
                    "--device",
                    $"{device} for an ONNX file",
                    "cpu or auto: this tool runs ONNX on the processor",
                    "Leave --device out"));
            }

            var predictor = OnnxPredictor.Load(path, usualSize ? options with { InputSize = null } : options, onnx);
            if (!usualSize
                || predictor.Network.FixedSize is not null
                || predictor.Network.Input.Size is not null
                || options.InputSize is null)
            {
                return predictor;
            }

            predictor.Dispose();
            Note(options, output);
            return OnnxPredictor.Load(path, options, onnx);
        }

        // The file is looked at before libtorch is loaded, so that a wrong path is told as such everywhere.
        using (WeightArchive.Open(path))
        {
        }

        var loaded = Predictor.Load(path, usualSize ? options with { InputSize = null } : options, Devices.Choose(device, threads));
        if (!usualSize || options.InputSize is null || loaded.Network.Input.Size is not null)
        {
            return loaded;
        }

        loaded.Dispose();
        Note(options, output);
        return Predictor.Load(path, options, Devices.Choose(device, threads));
    }

    private static void Note(PredictorOptions options, CommandOutput output) => output.Note(
        $"The file does not say at what size the network was trained: images are resized to {options.InputSize!.Value.Height}×"
            + $"{options.InputSize.Value.Width}, as published. --size takes another size, or native.");
}
