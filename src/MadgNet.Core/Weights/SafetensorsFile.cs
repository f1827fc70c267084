using System.Collections.ObjectModel;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>
/// Safetensors files (https://github.com/huggingface/safetensors): a JSON header and plain tensor data, nothing that
/// could be executed. The format in which this library saves.
/// </summary>
public static class SafetensorsFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Opens a safetensors file; <see cref="WeightArchive.Open(string)"/> also opens other formats.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The open archive, which the caller disposes.</returns>
    /// <exception cref="WeightFileException">
    /// The file cannot be opened or is no valid safetensors file: header beyond the file or above 100 MB, duplicate
    /// names, unknown types, shapes that overflow or do not match their bytes, holes or overlaps in the data.
    /// </exception>
    public static WeightArchive Open(string path) => WeightArchive.Open(path, Read);

    /// <summary>
    /// Saves tensors and texts. The file appears complete or not at all: it is written beside, forced to the disk and
    /// renamed, so that a failure leaves an existing file as it was and no temporary file behind.
    /// </summary>
    /// <remarks>
    /// The order in the file is canonical (as the reference implementation's: by type, then by name), so that the same
    /// content gives the same bytes. Tensors of any device and memory layout are written as dense rows, and tensors
    /// that share memory are written out each. They are neither changed nor disposed.
    /// </remarks>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="tensors">
    /// Names and tensors, for example a module's <c>state_dict()</c>. Types: Byte, Int8, Int16, Int32, Int64, Float16,
    /// BFloat16, Float32, Float64, Bool; any shape, also scalars and empty tensors.
    /// </param>
    /// <param name="metadata">Texts to store in the header; null or empty for none.</param>
    /// <exception cref="ArgumentException">
    /// A name twice, the reserved name <c>__metadata__</c>, text that is no valid Unicode, a sparse tensor or one of
    /// another type, or a header above 100 MB.
    /// </exception>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        metadata ??= ReadOnlyDictionary<string, string>.Empty;
        List<(TensorInfo Info, long ByteCount, Tensor Tensor)> ordered = Arrange(tensors);
        foreach ((string key, string value) in metadata)
        {
            CheckText(key, nameof(metadata));
            CheckText(value, nameof(metadata));
        }

        ReadOnlyMemory<byte> header = SafetensorsHeader.Write(ordered.Select(entry => (entry.Info, entry.ByteCount)), metadata);
        if (header.Length - SafetensorsHeader.PrefixLength > SafetensorsHeader.MaximumLength)
        {
            throw new ArgumentException($"Received names and metadata that make a header of {header.Length} bytes; expected at most {SafetensorsHeader.MaximumLength}. Shorten the metadata.", nameof(metadata));
        }

        try
        {
            AtomicFile.Write(path, header.Length + ordered.Sum(entry => entry.ByteCount), stream =>
            {
                stream.Write(header.Span);
                foreach ((_, _, Tensor tensor) in ordered)
                {
                    using var scope = NewDisposeScope();
                    TensorBytes.ForEachBlock(tensor.detach().cpu().contiguous(), (block, _) => stream.Write(block));
                }
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw WeightFileReader.Fault(path, $"a file that cannot be written ({exception.Message})", "a path in an existing directory with enough space", "Check the path, the permissions and the free space", exception);
        }
    }

    internal static WeightArchive Read(WeightFileReader file)
    {
        (List<StoredTensor> tensors, Dictionary<string, string> metadata) = SafetensorsHeader.Read(file);
        return new WeightArchive(file, tensors, metadata);
    }

    private static List<(TensorInfo Info, long ByteCount, Tensor Tensor)> Arrange(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<(int Rank, TensorInfo Info, long ByteCount, Tensor Tensor)>();
        foreach ((string name, Tensor tensor) in tensors)
        {
            CheckText(name, nameof(tensors));
            if (SafetensorsHeader.IsReserved(name) || !names.Add(name))
            {
                throw new ArgumentException($"Received a tensor named '{name}', which {(SafetensorsHeader.IsReserved(name) ? "the format reserves" : "is there already")}; expected names that are free. Rename the tensor.", nameof(tensors));
            }

            ScalarType type = (tensor ?? throw new ArgumentException($"Received null for '{name}'; expected a tensor. Leave the name out instead.", nameof(tensors))).dtype;
            if (ElementType.Of(type) is not { } element || tensor.is_sparse)
            {
                throw new ArgumentException($"Received '{name}' as {(tensor.is_sparse ? "sparse " : "")}{type}; expected a dense tensor of {string.Join(", ", ElementType.All.Select(known => known.Type))}. Convert it before saving.", nameof(tensors));
            }

            long[] shape = tensor.shape;
            entries.Add((IndexOf(element), new TensorInfo(name, type, shape), tensor.numel() * element.Size, tensor));
        }

        return
        [
            .. entries
                .OrderBy(entry => entry.Rank)
                .ThenBy(entry => StrictUtf8.GetBytes(entry.Info.Name), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
                .Select(entry => (entry.Info, entry.ByteCount, entry.Tensor)),
        ];
    }

    private static int IndexOf(ElementType element)
    {
        int index = 0;
        while (ElementType.All[index] != element)
        {
            index++;
        }

        return index;
    }

    private static void CheckText(string text, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        try
        {
            _ = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException($"Received the text '{text}' with half of a surrogate pair; expected valid Unicode. Remove the character at index {exception.Index}.", parameter, exception);
        }
    }
}
