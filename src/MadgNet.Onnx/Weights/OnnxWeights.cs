using Google.Protobuf;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Runtime;
using MadgNet.Core.Weights;
using Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Weights;

/// <summary>
/// Reads the weights of an encoder out of an ONNX file, to be loaded as those of any other file: by their names, or, where an exporter left
/// no names, by the order and the shapes of the convolutions.
/// </summary>
/// <remarks>
/// Exporters fold batch normalisation into the convolution before it. Such weights are read as they are: the normalisation becomes the
/// identity, and the convolution's bias its bias. They give the same features; frozen statistics lose their meaning.
/// </remarks>
/// <example>
/// <code>
/// using var model = new MadgNetModel(new MadgNetOptions { Encoder = EncoderNames.ResNet50 });
/// using WeightArchive weights = OnnxWeights.OpenFor("resnet50.onnx", model.Encoder);
/// WeightLoadReport report = model.LoadWeightsFrom(weights, new WeightLoadOptions { Mode = WeightLoadMode.Encoder });
/// </code>
/// </example>
public static class OnnxWeights
{
    private const int NestingLimit = 100;

    /// <summary>
    /// The layouts of the encoders of this library, the largest first; names and shapes alone, made when they are first needed.
    /// </summary>
    private static readonly Lazy<IReadOnlyList<(string Name, EncoderLayout Layout)>> Layouts = new(() =>
    [
        .. RecognizedEncoder.Encoders.Select(name =>
        {
            using var module = (nn.Module)ModelRegistry.BuiltIn.Get<EncoderEntry>(name).Create(3);
            return (name, new EncoderLayout(module.state_dict()));
        }).OrderByDescending(pair => pair.Item2.Count),
    ]);

    /// <summary>Opens the floating-point constants of an ONNX file by the names that the file has for them.</summary>
    /// <param name="path">An ONNX file that holds its weights itself.</param>
    /// <returns>The weights, which the caller disposes.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged, is no ONNX file, or keeps its weights in another
    /// file.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; says why.</exception>
    public static WeightArchive Open(string path)
    {
        ModelProto model = Read(path);
        return Archive(path, model, ReadAll(path, model));
    }

    /// <summary>Opens the weights of an ONNX file by the names that an encoder has for them.</summary>
    /// <param name="path">An ONNX file that holds its weights itself.</param>
    /// <param name="encoder">The encoder that they are for; it is not changed.</param>
    /// <returns>The weights, which the caller disposes.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged, is no ONNX file, or holds no weights of such an encoder;
    /// the message says what it looks like.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; says why.</exception>
    public static WeightArchive OpenFor(string path, IEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        if (encoder is not nn.Module module)
        {
            throw new ArgumentException("Received an encoder that is no torch.nn.Module; expected one with weights.", nameof(encoder));
        }

        ModelProto model = Read(path);
        IReadOnlyList<GraphTensor> named = ReadAll(path, model);
        Dictionary<string, Tensor> state = module.state_dict();
        WeightArchive archive = Archive(path, model, named);
        if (WeightLoader.Compare(archive, state, new WeightLoadOptions { Mode = WeightLoadMode.Encoder }).Fits)
        {
            return archive;
        }

        archive.Dispose();
        IReadOnlyList<GraphConvolution> convolutions = Convolutions(path, model);
        var layout = new EncoderLayout(state);
        (string? looks, int count) = Find(convolutions);

        // A larger encoder may begin as a smaller one does, and what follows an encoder may be a decoder.
        if (encoder is ResidualEncoder && count <= layout.Count && layout.Match(convolutions) is { } tensors)
        {
            return Archive(path, model, tensors);
        }

        throw new WeightFileException(path, new Problem(
            $"Weight file '{path}'",
            looks is null
                ? $"an ONNX file of {convolutions.Count} convolutions, of no encoder that is known"
                : $"an ONNX file that looks like {looks}",
            $"the weights of a {encoder.GetType().Name} with {state.Count(pair => pair.Value.dim() == 4)} convolutions, in its order or "
                + $"under its names",
            looks is null
                ? "Choose another file, or export the network with its names (torch.onnx.export with training=TrainingMode.PRESERVE)"
                : $"Choose the encoder '{looks}'"));
    }

    /// <summary>Which encoder of this library an ONNX file holds the weights of.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <returns>The name of the encoder in <see cref="ModelRegistry.BuiltIn"/>; null where it is none.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged, or is no ONNX file.</exception>
    public static string? Recognize(string path)
    {
        ModelProto model = Read(path);
        using (WeightArchive archive = Archive(path, model, ReadAll(path, model)))
        {
            if (RecognizedEncoder.Of(archive)?.Encoder is { } named)
            {
                return named;
            }
        }

        return Find(Convolutions(path, model)).Name;
    }

    /// <summary>The largest encoder whose convolutions a graph begins with, and how many they are.</summary>
    private static (string? Name, int Count) Find(IReadOnlyList<GraphConvolution> convolutions)
    {
        (string Name, EncoderLayout Layout) found = Layouts.Value.FirstOrDefault(known => known.Layout.Fits(convolutions));
        return (found.Name, found.Layout?.Count ?? 0);
    }

    private static ModelProto Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = RegularFile.OpenRead(path);
            using var input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, NestingLimit);
            ModelProto model = ModelProto.Parser.ParseFrom(input);
            return model.Graph is { Node.Count: > 0 } ? model : throw Fault(path, "a file without a graph", null);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or OverflowException)
        {
            throw Fault(path, $"a damaged file, or none of ONNX ({exception.Message.TrimEnd('.')})", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Fault(path, $"a file that cannot be read ({exception.Message.TrimEnd('.')})", exception);
        }
    }

    private static List<GraphTensor> ReadAll(string path, ModelProto model)
    {
        if (model.Graph.Initializer.FirstOrDefault(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External) is { } outside)
        {
            throw Fault(path, $"a file that keeps '{outside.Name}' in another file", null);
        }

        try
        {
            return [.. model.Graph.Initializer.Select(GraphTensor.Read).OfType<GraphTensor>().Where(tensor => tensor.Name.Length > 0)];
        }
        catch (InvalidDataException exception)
        {
            throw Fault(path, exception.Message, exception);
        }
    }

    private static IReadOnlyList<GraphConvolution> Convolutions(string path, ModelProto model)
    {
        try
        {
            return GraphConvolution.Find(model.Graph);
        }
        catch (InvalidDataException exception)
        {
            throw Fault(path, exception.Message, exception);
        }
    }

    private static WeightArchive Archive(string path, ModelProto model, IReadOnlyList<GraphTensor> tensors)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            metadata.TryAdd(entry.Key, entry.Value);
        }

        var all = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (GraphTensor given in tensors)
            {
                if (!all.ContainsKey(given.Name))
                {
                    all.Add(given.Name, tensor(given.Values, [.. given.Shape]).DetachFromDisposeScope());
                }
            }

            return WeightArchive.From(all, metadata, path);
        }
        finally
        {
            // The archive holds handles of its own.
            foreach (Tensor made in all.Values)
            {
                made.Dispose();
            }
        }
    }

    private static WeightFileException Fault(string path, string received, Exception? cause) => new(
        path,
        new Problem(
            $"Weight file '{path}'",
            received,
            "an intact ONNX file of at most 2 GiB that holds its weights itself",
            "Check the path, or export the network again into one file"),
        cause);
}
