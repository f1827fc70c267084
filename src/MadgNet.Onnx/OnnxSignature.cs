using System.Globalization;
using System.Text.Json;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MadgNet.Onnx;

/// <summary>What a session's inputs, outputs and metadata say about the network in it, checked.</summary>
internal sealed class OnnxSignature
{
    /// <summary>The most numbers of an image or map, a GiB of float32: what a damaged file claims must not ask for all memory.</summary>
    internal const long MostNumbers = 1 << 28;

    /// <summary>
    /// Far more than any network halves its images: a small image is padded to the stride, which must not make it a large one.
    /// </summary>
    private const int LargestStride = 512;

    private readonly string _file;
    private readonly OnnxRuntimeOptions _options;
    private readonly IReadOnlyDictionary<string, string> _metadata;

    public OnnxSignature(string file, InferenceSession session, OnnxRuntimeOptions options)
    {
        _file = file;
        _options = options;
        _metadata = session.ModelMetadata.CustomMetadataMap;
        InputName = Choose("input", session.InputMetadata.Keys, options.InputName);
        if (session.InputMetadata.Count != 1)
        {
            throw Fault(
                $"{session.InputMetadata.Count} inputs ({Names(session.InputMetadata.Keys)})",
                "one input, the image",
                "Export the network with its image as the only input");
        }

        OutputName = Choose(
            "output", session.OutputMetadata.Keys, options.OutputName ?? _metadata.GetValueOrDefault(OnnxMetadata.RegionOutput));
        NodeMetadata input = session.InputMetadata[InputName];
        NodeMetadata output = session.OutputMetadata[OutputName];
        int[] image = Dimensions(input, "input", InputName, [TensorElementType.Float, TensorElementType.UInt8]);
        int[] maps = Dimensions(output, "output", OutputName, [TensorElementType.Float]);
        TakesBytes = input.ElementDataType == TensorElementType.UInt8;
        FixedBatch = image[0] > 0 ? image[0] : null;
        if (image[1] < 1 || maps[1] < 1)
        {
            throw Fault(
                $"an input [{string.Join(", ", image)}] and an output [{string.Join(", ", maps)}]",
                "channels and labels that are known before the network runs",
                "Export the network with fixed channels");
        }

        if ((image[2] > 0) != (image[3] > 0))
        {
            throw Fault(
                $"an input [{string.Join(", ", image)}]",
                "a height and width that are both fixed or both free",
                "Export the network with either");
        }

        (int Height, int Width)? size = image[2] > 0 ? (image[2], image[3]) : null;
        if (size is { } known)
        {
            CheckSize(known, Math.Max(image[1], maps[1]), maps);
        }

        OutputsLogits = ReadOutputValues() == OnnxOutputValues.Logit;
        Network = Describe(image[1], maps[1], size);
    }

    public string InputName { get; }

    public string OutputName { get; }

    /// <summary>Whether the input is uint8 instead of float32.</summary>
    public bool TakesBytes { get; }

    /// <summary>The one batch size that the network takes; null where it is free.</summary>
    public int? FixedBatch { get; }

    public bool OutputsLogits { get; }

    public NetworkDescription Network { get; }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);

    private OnnxModelException Fault(string received, string expected, string remedy) =>
        new(new Problem(_file, received, expected, remedy));

    private string Choose(string what, IEnumerable<string> names, string? wanted)
    {
        string[] all = [.. names];
        if (wanted is not null)
        {
            return all.Contains(wanted, StringComparer.Ordinal)
                ? wanted
                : throw Fault($"the {what}s {Names(all)}", $"an {what} named {wanted}", $"Name one of the {what}s that are there");
        }

        return all.Length == 1
            ? all[0]
            : throw Fault(
                $"{all.Length} {what}s ({Names(all)})",
                $"one {what}, or metadata or options that name it",
                $"Name it in {nameof(OnnxRuntimeOptions)}");
    }

    private int[] Dimensions(NodeMetadata node, string what, string name, TensorElementType[] types)
    {
        if (!node.IsTensor || !types.Contains(node.ElementDataType))
        {
            throw Fault(
                $"the {what} {name} of {(node.IsTensor ? node.ElementDataType : node.OnnxValueType)}",
                $"a tensor of {string.Join(" or ", types)}",
                "Export the network with such an input and output");
        }

        return node.Dimensions.Length == 4
            ? node.Dimensions
            : throw Fault(
                $"the {what} {name} with {node.Dimensions.Length} dimensions",
                "four, N×C×H×W",
                "Export the network with images N×C×H×W and maps N×n×H×W");
    }

    private void CheckSize((int Height, int Width) size, int planes, int[] maps)
    {
        if ((Int128)size.Height * size.Width * planes * (FixedBatch ?? 1) > MostNumbers)
        {
            throw Fault(
                $"images of {size.Height}×{size.Width} with {planes} planes",
                $"at most {MostNumbers} numbers",
                "Export the network for a smaller size, or for any");
        }

        if ((maps[2] > 0 && maps[2] != size.Height) || (maps[3] > 0 && maps[3] != size.Width))
        {
            throw Fault(
                $"maps of {maps[2]}×{maps[3]} for images of {size.Height}×{size.Width}",
                "maps of the images' size",
                "Enlarge the maps inside the network");
        }
    }

    private OnnxOutputValues ReadOutputValues() => _metadata.GetValueOrDefault(OnnxMetadata.OutputValues) switch
    {
        OnnxMetadata.Probabilities => OnnxOutputValues.Probability,
        OnnxMetadata.Logits => OnnxOutputValues.Logit,
        null => _options.OutputValues ?? throw Fault(
            "no metadata that says whether outputs are probabilities or logits",
            $"the metadata {OnnxMetadata.OutputValues}, or an option",
            $"Set {nameof(OnnxRuntimeOptions)}.{nameof(OnnxRuntimeOptions.OutputValues)}"),
        string other => throw Metadata(OnnxMetadata.OutputValues, other, $"{OnnxMetadata.Probabilities} or {OnnxMetadata.Logits}"),
    };

    private NetworkDescription Describe(int channels, int labels, (int Height, int Width)? size)
    {
        IReadOnlyList<string> names = ReadLabels(labels);
        ModelInput input = ReadInput(channels);
        var network = new NetworkDescription
        {
            Input = input,
            Labels = labels,
            LabelNames = names,
            Stride = ReadStride(size),
            AcceptsGray = channels == 3 && input.Files.Count == 0 && !input.FromPages,
            Threshold = ReadThreshold(),
            FixedSize = size,
            MaximumBatch = FixedBatch,
        };
        IReadOnlyList<Problem> problems = network.Validate();
        return problems.Count == 0
            ? network
            : throw new OnnxModelException(problems[0] with { Subject = $"{_file}: {problems[0].Subject}" });
    }

    private int ReadStride((int Height, int Width)? size)
    {
        const int PublishedStride = 32;
        if (!_metadata.TryGetValue(OnnxMetadata.Stride, out string? text))
        {
            // A network of one size is never padded.
            return size is null ? _options.Stride ?? PublishedStride : 1;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int stride) && stride is >= 1 and <= LargestStride
            ? stride
            : throw Metadata(OnnxMetadata.Stride, text, $"a number from 1 to {LargestStride}");
    }

    /// <summary>What the network expects of images; a file that does not say it is taken for one of the usual kind.</summary>
    private ModelInput ReadInput(int channels)
    {
        // Bytes are scaled by the network itself.
        IntensityScaling scaling = TakesBytes ? IntensityScaling.FullRange : ReadScaling();
        if (!_metadata.TryGetValue(OnnxMetadata.Input, out string? text))
        {
            return new ModelInput { Channels = channels, Scaling = scaling };
        }

        try
        {
            ModelInput input = ModelInput.FromJson(text);
            return input.Channels == channels
                ? input with { Scaling = scaling }
                : throw Metadata(OnnxMetadata.Input, text, $"{channels} channels, as the network takes");
        }
        catch (InvalidOptionsException exception)
        {
            throw Metadata(OnnxMetadata.Input, text, exception.Problems[0].Expected);
        }
    }

    private IntensityScaling ReadScaling()
    {
        if (!_metadata.TryGetValue(OnnxMetadata.IntensityScaling, out string? text))
        {
            return _options.IntensityScaling;
        }

        // Enum.TryParse would take numbers and lists as well.
        foreach (IntensityScaling scaling in Enum.GetValues<IntensityScaling>())
        {
            if (scaling.ToString() == text)
            {
                return scaling;
            }
        }

        throw Metadata(OnnxMetadata.IntensityScaling, text, string.Join(" or ", Enum.GetNames<IntensityScaling>()));
    }

    private double? ReadThreshold()
    {
        if (!_metadata.TryGetValue(OnnxMetadata.Threshold, out string? text))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double threshold) && threshold is >= 0 and <= 1
            ? threshold
            : throw Metadata(OnnxMetadata.Threshold, text, "a number from 0 to 1");
    }

    private IReadOnlyList<string> ReadLabels(int labels)
    {
        if (!_metadata.TryGetValue(OnnxMetadata.Labels, out string? text))
        {
            return _options.LabelNames;
        }

        string[]? names;
        try
        {
            names = JsonSerializer.Deserialize(text, LabelNamesJson.Default.StringArray);
        }
        catch (JsonException)
        {
            names = null;
        }

        return names is not null && (names.Length == 0 || names.Length == labels) && !names.Any(string.IsNullOrWhiteSpace)
            ? names
            : throw Metadata(OnnxMetadata.Labels, text, $"a JSON array of {labels} names, or of none");
    }

    private OnnxModelException Metadata(string key, string value, string expected) =>
        Fault($"the metadata {key} = '{value}'", expected, "Export the network again, or correct the file's metadata");
}
