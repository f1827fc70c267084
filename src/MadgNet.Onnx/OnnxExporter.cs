using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Weights;
using MadgNet.Onnx.Export;
using MadgNet.Onnx.Export.Blocks;
using Onnx;

namespace MadgNet.Onnx;

/// <summary>
/// Writes a network as an ONNX file (operator set 17) that any ONNX runtime can run: every <see cref="MadgNetModel"/> and
/// <see cref="UNet"/> that the library builds, with encoders of your own that implement <see cref="IOnnxEncoder"/> and other parts that
/// implement <see cref="IOnnxModule"/>, and networks of your own that implement the latter; in evaluation mode, whatever mode the
/// network is in.
/// </summary>
/// <remarks>
/// <para>The input <c>image</c> is N×C×H×W with a free N; outputs are N×n×H×W, see <see cref="OnnxOutputs"/>. Batch normalisation is
/// folded into the convolutions before it, equal constants are kept once, and only what the outputs need is written. What the
/// file is, is in its metadata, see <see cref="OnnxMetadata"/>.</para>
/// <para>The model is read, not changed, and may be on any device. Safe from several threads on models that nobody trains.</para>
/// </remarks>
public static class OnnxExporter
{
    /// <summary>The name of a graph's input.</summary>
    public const string InputName = "image";

    /// <summary>The name of the output of <see cref="OnnxOutputs.Region"/>.</summary>
    public const string RegionName = "region";

    /// <summary>The operator set of the files, 17 (ONNX 1.12, June 2022).</summary>
    public const int Opset = GraphBuilder.Opset;

    private const string Height = "height";
    private const string Width = "width";

    private static readonly string[] MapNames = [RegionName, "distance", "boundary"];

    /// <summary>Exports a model to a file, which appears complete or not at all; an existing one survives a failure.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="options">How to export; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid or do not fit the model; lists all problems.</exception>
    /// <exception cref="OnnxExportException">The model has parts of your own that do not say what they are in ONNX, or weights that
    /// cannot be stored, or the file cannot be written.</exception>
    public static void Export(SegmentationModel model, string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto file = Build(model, options ?? new OnnxExportOptions());
        try
        {
            AtomicFile.Write(path, file.CalculateSize(), file.WriteTo);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OnnxExportException(
                new Problem(
                    path,
                    $"a file that cannot be written ({exception.Message.TrimEnd('.')})",
                    "a path in an existing directory with enough space",
                    "Check the path, the permissions and the free space"),
                exception);
        }
    }

    /// <summary>Exports a model to a stream, which stays open.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stream">What to write to.</param>
    /// <param name="options">How to export; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid or do not fit the model; lists all problems.</exception>
    /// <exception cref="OnnxExportException">The model has parts of your own that do not say what they are in ONNX, or weights that
    /// cannot be stored.</exception>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void Write(SegmentationModel model, Stream stream, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Build(model, options ?? new OnnxExportOptions()).WriteTo(stream);
    }

    internal static string LibraryVersion =>
        typeof(OnnxExporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static ModelProto Build(SegmentationModel model, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options = options.For(model.Input);
        var graph = new GraphBuilder(options.Precision);
        var operations = new Operations(graph);
        var weights = new ModelWeights(model.state_dict());
        InvalidOptionsException.ThrowIfAny(
            "The ONNX file",
            [
                .. options.Validate(),
                .. ValidateSize(options, model.Stride),
                .. ValidateOutputs(options, model),
                .. ValidateBytes(options, model),
            ]);

        int? height = options.InputSize?.Height;
        int? width = options.InputSize?.Width;
        bool bytes = options.InputValues == OnnxInputValues.Bytes;
        graph.Input(
            InputName,
            bytes ? TensorProto.Types.DataType.Uint8 : TensorProto.Types.DataType.Float,
            [(null, "batch"), (model.Input.Channels, ""), (height, Height), (width, Width)]);
        var image = new OnnxFeatureMap(InputName, model.Input.Channels, height, width);
        image = new PreprocessingGraph(operations).Build(image, options.InputValues, model.Input);
        string region = model switch
        {
            MadgNetModel madgNet => BuildMadgNet(madgNet, options, operations, weights, image),
            UNet uNet => BuildUNet(uNet, options, operations, weights, image),
            IOnnxModule own => Finish(model, options, operations, own.Export(new OnnxGraph(operations), image).Name, RegionName),
            _ => throw ChannelAttentionGraph.NoGraph(model.GetName()),
        };
        return graph.Finish(LibraryVersion, Describe(model, options, region));
    }

    /// <summary>Encoder, decoder stages and the sub-decoders that are asked for; returns the name of the prediction.</summary>
    private static string BuildMadgNet(
        MadgNetModel model, OnnxExportOptions options, Operations operations, ModelWeights weights, OnnxFeatureMap image)
    {
        IReadOnlyList<OnnxFeatureMap> levels = EncoderGraphs.Build(operations, weights, model.Encoder, MadgNetNames.Encoder, image);
        var stages = new DecoderStageGraph(operations, weights);
        OnnxFeatureMap features = levels[^1];
        string region = RegionName;
        int last = model.DecoderStages.Count - 1;
        for (int i = 0; i <= last; i++)
        {
            features = stages.Build(features, levels[last - i], i, model.DecoderStages[i]);
            if (i == last || options.Outputs == OnnxOutputs.All)
            {
                region = BuildSubDecoder(
                    model, options, operations, weights, features, i, $"{MadgNetNames.SubDecoder}{i + 1}", model.SubDecoders[i]);
            }
        }

        return region;
    }

    /// <summary>Encoder, decoder levels and sub-decoder; returns the name of the prediction.</summary>
    private static string BuildUNet(
        UNet model, OnnxExportOptions options, Operations operations, ModelWeights weights, OnnxFeatureMap image)
    {
        OnnxFeatureMap features = new UNetGraph(operations, weights).Build(image, model);
        return BuildSubDecoder(model, options, operations, weights, features, 0, "head", model.SubDecoder);
    }

    /// <summary>The maps of one stage that are asked for; returns the name of its region.</summary>
    private static string BuildSubDecoder(
        SegmentationModel model,
        OnnxExportOptions options,
        Operations operations,
        ModelWeights weights,
        OnnxFeatureMap features,
        int stage,
        string name,
        SubDecoder subDecoder)
    {
        bool all = options.Outputs == OnnxOutputs.All;
        IReadOnlyList<string> maps = new SubDecoderGraph(operations, weights).Build(features, name, subDecoder, regionOnly: !all);
        if (!all)
        {
            return Finish(model, options, operations, maps[0], RegionName);
        }

        string[] names = [.. MapNames.Take(maps.Count).Select(map => StageOutput(stage, map))];
        for (int i = 0; i < names.Length; i++)
        {
            Finish(model, options, operations, maps[i], names[i]);
        }

        return names[0];
    }

    /// <summary>Makes a map an output of the graph.</summary>
    private static string Finish(SegmentationModel model, OnnxExportOptions options, Operations operations, string logits, string name)
    {
        GraphBuilder graph = operations.Graph;
        string values = options.Sigmoid ? operations.Sigmoid(logits) : logits;
        graph.Named("Cast", [values], name, GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float));
        graph.Output(name, [(null, "batch"), (model.Labels, ""), (options.InputSize?.Height, Height), (options.InputSize?.Width, Width)]);
        return name;
    }

    private static string StageOutput(int stage, string map) => $"stage{stage + 1}_{map}";

    private static List<Problem> ValidateSize(OnnxExportOptions options, int stride) =>
        options.InputSize is { Height: > 0, Width: > 0 } size && (size.Height % stride != 0 || size.Width % stride != 0)
            ? [new Problem(
                nameof(OnnxExportOptions.InputSize),
                $"{size.Height}×{size.Width}",
                $"multiples of the network's stride {stride}",
                "Choose 352×352 as published, or null for any size")]
            : [];

    private static List<Problem> ValidateOutputs(OnnxExportOptions options, SegmentationModel model) =>
        options.Outputs == OnnxOutputs.All && model is not (MadgNetModel or UNet)
            ? [new Problem(
                nameof(OnnxExportOptions.Outputs),
                $"All of a {model.GetName()}",
                "Region for a network of the host's, which exports that alone",
                "Choose OnnxOutputs.Region")]
            : [];

    /// <summary>A graph can spread bytes over 0..1; what depends on units of files, or on several of them, it cannot know.</summary>
    private static IEnumerable<Problem> ValidateBytes(OnnxExportOptions options, SegmentationModel model) =>
        options.InputValues == OnnxInputValues.Bytes && (model.Input.Windows.Count > 0 || model.Input.Files.Count > 0)
            ? [new Problem(
                nameof(OnnxExportOptions.InputValues),
                $"Bytes for a network with {(model.Input.Windows.Count > 0 ? "windows of intensities" : "several files a case")}",
                "Scaled: bytes have no units any more",
                "Choose OnnxInputValues.Scaled, and scale images as the file's metadata say")]
            : [];

    private static Dictionary<string, string> Describe(SegmentationModel model, OnnxExportOptions options, string region)
    {
        var texts = new Dictionary<string, string>
        {
            [OnnxMetadata.Version] = LibraryVersion,
            [OnnxMetadata.Architecture] = model.Architecture,
            [OnnxMetadata.Input] = model.Input.ToJson(),
            [OnnxMetadata.ModelOptions] = model.OptionsToJson(),
            [OnnxMetadata.Labels] = JsonSerializer.Serialize([.. model.LabelNames], LabelNamesJson.Default.StringArray),
            [OnnxMetadata.InputSize] = options.InputSize is { } size ? $"{size.Height}x{size.Width}" : OnnxMetadata.DynamicSize,
            [OnnxMetadata.Stride] = model.Stride.ToString(CultureInfo.InvariantCulture),
            [OnnxMetadata.InputValues] = options.InputValues == OnnxInputValues.Bytes ? OnnxMetadata.ByteValues : OnnxMetadata.ScaledValues,
            [OnnxMetadata.IntensityScaling] = model.Input.Scaling.ToString(),
            [OnnxMetadata.Normalization] = model.Input.Normalization.ToString(),
            [OnnxMetadata.OutputValues] = options.Sigmoid ? OnnxMetadata.Probabilities : OnnxMetadata.Logits,
            [OnnxMetadata.RegionOutput] = region,
            [OnnxMetadata.Precision] = options.Precision.ToString(),
        };
        if (model.Threshold is { } threshold)
        {
            texts.Add(OnnxMetadata.Threshold, threshold.ToString("R", CultureInfo.InvariantCulture));
        }

        foreach ((string key, string value) in options.Metadata ?? new Dictionary<string, string>())
        {
            texts.Add(key, value);
        }

        return texts;
    }
}
