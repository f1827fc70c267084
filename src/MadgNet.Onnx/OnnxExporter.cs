using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf;
using MadgNet.Core.Models;
using MadgNet.Core.Weights;
using MadgNet.Onnx.Export;
using MadgNet.Onnx.Export.Blocks;
using Onnx;

namespace MadgNet.Onnx;

/// <summary>
/// Writes a <see cref="MadgNetModel"/> as an ONNX file (operator set 17) that any ONNX runtime can run: every configuration that
/// the library builds, and encoders of the host's that implement <see cref="IOnnxBackbone"/>; in evaluation mode, whatever mode the
/// model is in.
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

    /// <summary>Exports a model to a file, which appears complete or not at all; an existing one survives a failure.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="options">How to export; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid or do not fit the model; lists all problems.</exception>
    /// <exception cref="OnnxExportException">The model has an encoder that the exporter does not know or weights that cannot be stored, or the file cannot be written.</exception>
    public static void Export(MadgNetModel model, string path, OnnxExportOptions? options = null)
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
                new Problem(path, $"a file that cannot be written ({exception.Message.TrimEnd('.')})", "a path in an existing directory with enough space", "Check the path, the permissions and the free space"),
                exception);
        }
    }

    /// <summary>Exports a model to a stream, which stays open.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stream">What to write to.</param>
    /// <param name="options">How to export; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid or do not fit the model; lists all problems.</exception>
    /// <exception cref="OnnxExportException">The model has an encoder that the exporter does not know or weights that cannot be stored.</exception>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void Write(MadgNetModel model, Stream stream, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Build(model, options ?? new OnnxExportOptions()).WriteTo(stream);
    }

    internal static string LibraryVersion =>
        typeof(OnnxExporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static ModelProto Build(MadgNetModel model, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        var graph = new GraphBuilder(options.Precision);
        var operations = new Operations(graph);
        var weights = new ModelWeights(model.state_dict());
        BackboneGraph? backbone = BackboneGraph.Of(model.Options.Backbone, operations, weights);
        if (backbone is null && model.Backbone is not IOnnxBackbone)
        {
            throw new OnnxExportException(new Problem(
                nameof(MadgNetOptions.Backbone),
                $"an encoder of the host's, {model.Backbone.GetType().Name}",
                $"ResNeSt50, ResNet50 or Res2Net50, whose graphs the exporter knows, or an {nameof(IOnnxBackbone)}",
                $"Implement {nameof(IOnnxBackbone)} on the encoder"));
        }

        InvalidOptionsException.ThrowIfAny("The ONNX file", [.. options.Validate(), .. ValidateSize(options, model.Stride)]);

        int? height = options.InputSize?.Height;
        int? width = options.InputSize?.Width;
        bool bytes = options.InputValues == OnnxInputValues.Bytes;
        graph.Input(
            InputName,
            bytes ? TensorProto.Types.DataType.Uint8 : TensorProto.Types.DataType.Float,
            [(null, "batch"), (model.Options.InputChannels, ""), (height, Height), (width, Width)]);
        var image = new OnnxFeatureMap(InputName, model.Options.InputChannels, height, width);
        image = new PreprocessingGraph(operations).Build(image, options.InputValues, model.Options);
        IReadOnlyList<OnnxFeatureMap> levels = backbone?.Build(image, (int)model.Backbone.InputChannels) ?? BuildCustom((IOnnxBackbone)model.Backbone, operations, image);
        string region = BuildDecoder(model, options, operations, weights, levels);
        return graph.Finish(LibraryVersion, Describe(model, options, region));
    }

    /// <summary>The levels of an encoder of the host's, held to what it declares.</summary>
    private static IReadOnlyList<OnnxFeatureMap> BuildCustom(IOnnxBackbone backbone, Operations operations, OnnxFeatureMap image)
    {
        using IDisposable scope = operations.Graph.Scope(AuthorNames.Backbone);
        var graph = new OnnxGraph(operations);
        OnnxFeatureMap input = image.Channels == backbone.InputChannels ? image : graph.Concatenate(image, image, image);
        IReadOnlyList<OnnxFeatureMap> levels = backbone.Export(graph, input);
        bool fits = levels is not null && levels.Count == backbone.Levels.Count && levels.Zip(backbone.Levels).All(pair =>
            pair.First.Name is not null
            && pair.First.Channels == pair.Second.Channels
            && (pair.First.Height ?? image.Height / pair.Second.Stride) == image.Height / pair.Second.Stride
            && (pair.First.Width ?? image.Width / pair.Second.Stride) == image.Width / pair.Second.Stride);
        return fits ? levels! : throw new OnnxExportException(new Problem(
            $"{backbone.GetType().Name}.{nameof(IOnnxBackbone.Export)}",
            string.Join(", ", levels?.Select(level => $"{level.Channels}×{level.Height?.ToString(CultureInfo.InvariantCulture) ?? "?"}×{level.Width?.ToString(CultureInfo.InvariantCulture) ?? "?"}") ?? ["null"]),
            string.Join(", ", backbone.Levels.Select(level => $"{level.Channels} channels /{level.Stride}")),
            "Correct what Export returns, or the encoder's Levels"));
    }

    /// <summary>The decoder stages and the sub-decoders that are asked for; returns the name of the prediction.</summary>
    private static string BuildDecoder(MadgNetModel model, OnnxExportOptions options, Operations operations, ModelWeights weights, IReadOnlyList<OnnxFeatureMap> levels)
    {
        var stages = new DecoderStageGraph(operations, weights);
        var decoders = new SubDecoderGraph(operations, weights);
        OnnxFeatureMap features = levels[^1];
        int last = model.DecoderStages.Count - 1;
        for (int i = 0; i <= last; i++)
        {
            features = stages.Build(features, levels[last - i], i, model.DecoderStages[i]);
            if (options.Outputs == OnnxOutputs.All)
            {
                IReadOnlyList<string> maps = decoders.Build(features, i, model.SubDecoders[i], regionOnly: false);
                Finish(maps[0], StageOutput(i, RegionName));
                Finish(maps[1], StageOutput(i, "distance"));
                Finish(maps[2], StageOutput(i, "boundary"));
            }
        }

        if (options.Outputs == OnnxOutputs.All)
        {
            return StageOutput(last, RegionName);
        }

        Finish(decoders.Build(features, last, model.SubDecoders[last], regionOnly: true)[0], RegionName);
        return RegionName;

        void Finish(string logits, string name)
        {
            GraphBuilder graph = operations.Graph;
            string values = options.Sigmoid ? operations.Sigmoid(logits) : logits;
            graph.Named("Cast", [values], name, GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float));
            graph.Output(name, [(null, "batch"), (model.Options.Labels, ""), (options.InputSize?.Height, Height), (options.InputSize?.Width, Width)]);
        }
    }

    private static string StageOutput(int stage, string map) => $"stage{stage + 1}_{map}";

    private static List<Problem> ValidateSize(OnnxExportOptions options, int stride) =>
        options.InputSize is { Height: > 0, Width: > 0 } size && (size.Height % stride != 0 || size.Width % stride != 0)
            ? [new Problem(nameof(OnnxExportOptions.InputSize), $"{size.Height}×{size.Width}", $"multiples of the network's stride {stride}", "Choose 352×352 as published, or null for any size")]
            : [];

    private static Dictionary<string, string> Describe(MadgNetModel model, OnnxExportOptions options, string region)
    {
        var texts = new Dictionary<string, string>
        {
            [OnnxMetadata.Version] = LibraryVersion,
            [OnnxMetadata.ModelOptions] = model.Options.ToJson(),
            [OnnxMetadata.Labels] = JsonSerializer.Serialize(model.Options.LabelNames),
            [OnnxMetadata.InputSize] = options.InputSize is { } size ? $"{size.Height}x{size.Width}" : OnnxMetadata.DynamicSize,
            [OnnxMetadata.Stride] = model.Stride.ToString(CultureInfo.InvariantCulture),
            [OnnxMetadata.InputValues] = options.InputValues == OnnxInputValues.Bytes ? OnnxMetadata.ByteValues : OnnxMetadata.ScaledValues,
            [OnnxMetadata.IntensityScaling] = model.Options.IntensityScaling.ToString(),
            [OnnxMetadata.Normalization] = model.Options.Normalization.ToString(),
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
