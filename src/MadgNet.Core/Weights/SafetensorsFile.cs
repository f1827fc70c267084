using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Security.Cryptography;
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
    /// <summary>The key of a sealed file's digest in its metadata.</summary>
    internal const string DigestKey = "madgnet.digest";

    // What stands in the digest's place while the digest is computed.
    private const string NoDigest = "0000000000000000000000000000000000000000000000000000000000000000";

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
    public static void Save(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        (List<(TensorInfo Info, long ByteCount, Tensor Tensor)> ordered,
            ReadOnlyMemory<byte> header) = Prepare(tensors, metadata ?? ReadOnlyDictionary<string, string>.Empty);
        Write(path, ordered, stream =>
        {
            stream.Write(header.Span);
            ForEachBlock(ordered, block => stream.Write(block));
        }, header.Length);
    }

    /// <summary>
    /// Saves as <see cref="Save"/> does, with a SHA-256 digest of the whole file in its header, by which
    /// <see cref="Verify"/> tells a damaged file.
    /// </summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="metadata">Texts to store in the header.</param>
    /// <param name="probe">Called with the bytes written so far before each piece is written; null for nothing.</param>
    internal static void SaveSealed(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string> metadata,
        Action<long>? probe = null)
    {
        (List<(TensorInfo Info, long ByteCount, Tensor Tensor)> ordered, ReadOnlyMemory<byte> header) =
            Prepare(tensors, new Dictionary<string, string>(metadata) { [DigestKey] = NoDigest });
        int place = DigestPlace(header.Span, path);
        Write(path, ordered, stream =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            probe?.Invoke(0);
            stream.Write(header.Span);
            hash.AppendData(header.Span);
            ForEachBlock(ordered, block =>
            {
                probe?.Invoke(stream.Position);
                stream.Write(block);
                hash.AppendData(block);
            });

            probe?.Invoke(stream.Position);
            stream.Position = place;
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset())));
        }, header.Length);
    }

    /// <summary>Reads a file that <see cref="SaveSealed"/> wrote from start to end and compares it with its digest.</summary>
    /// <exception cref="WeightFileException">The file cannot be read, has no digest, or is not what was written.</exception>
    internal static void Verify(string path)
    {
        string expected;
        int place;
        using (WeightArchive archive = Open(path))
        {
            expected = archive.Metadata.TryGetValue(DigestKey, out string? digest) && digest.Length == NoDigest.Length
                ? digest
                : throw WeightFileReader.Fault(
                    path, "a file without digest", "one with the digest that a checkpoint carries", "Use an older checkpoint");
        }

        try
        {
            using FileStream stream = RegularFile.OpenRead(path);
            byte[] prefix = new byte[SafetensorsHeader.PrefixLength];
            stream.ReadExactly(prefix);
            byte[] header = new byte[SafetensorsHeader.PrefixLength + (int)BinaryPrimitives.ReadUInt64LittleEndian(prefix)];
            prefix.CopyTo(header, 0);
            stream.ReadExactly(header.AsSpan(SafetensorsHeader.PrefixLength));
            place = DigestPlace(header, path);
            Encoding.ASCII.GetBytes(NoDigest).CopyTo(header, place);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(header);
            byte[] buffer = new byte[1 << 20];
            for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
            {
                hash.AppendData(buffer, 0, read);
            }

            string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (actual != expected)
            {
                throw WeightFileReader.Fault(
                    path,
                    $"content with the digest {actual}",
                    $"the content that was written, with the digest {expected}",
                    "The file is damaged: use an older checkpoint, and look at the disk");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WeightFileReader.Fault(
                path,
                $"a file that cannot be read ({exception.Message.TrimEnd('.')})",
                "a readable file",
                "Check the path and the permissions",
                exception);
        }
    }

    private static (List<(TensorInfo Info, long ByteCount, Tensor Tensor)> Ordered, ReadOnlyMemory<byte> Header) Prepare(
        IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        List<(TensorInfo Info, long ByteCount, Tensor Tensor)> ordered = Arrange(tensors);
        foreach ((string key, string value) in metadata)
        {
            CheckText(key, nameof(metadata));
            CheckText(value, nameof(metadata));
        }

        ReadOnlyMemory<byte> header = SafetensorsHeader.Write(ordered.Select(entry => (entry.Info, entry.ByteCount)), metadata);
        if (header.Length - SafetensorsHeader.PrefixLength > SafetensorsHeader.MaximumLength)
        {
            throw new ArgumentException(
                $"Received names and metadata that make a header of {header.Length} bytes; expected at most "
                    + $"{SafetensorsHeader.MaximumLength}. Shorten the metadata.",
                nameof(metadata));
        }

        return (ordered, header);
    }

    private static void Write(
        string path, List<(TensorInfo Info, long ByteCount, Tensor Tensor)> ordered, Action<Stream> write, int headerLength)
    {
        try
        {
            AtomicFile.Write(path, headerLength + ordered.Sum(entry => entry.ByteCount), write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw WeightFileReader.Fault(
                path,
                $"a file that cannot be written ({exception.Message})",
                "a path in an existing directory with enough space",
                "Check the path, the permissions and the free space",
                exception);
        }
    }

    private static void ForEachBlock(List<(TensorInfo Info, long ByteCount, Tensor Tensor)> ordered, TensorBytes.BlockAction action)
    {
        foreach ((_, _, Tensor tensor) in ordered)
        {
            using var scope = NewDisposeScope();
            TensorBytes.ForEachBlock(tensor.detach().cpu().contiguous(), (block, _) => action(block));
        }
    }

    /// <summary>Where the digest stands in a header; other programs may write space around the colon.</summary>
    private static int DigestPlace(ReadOnlySpan<byte> header, string path)
    {
        ReadOnlySpan<byte> key = "\"madgnet.digest\""u8;
        int place = header.IndexOf(key);
        int at = place < 0 ? header.Length : place + key.Length;
        at = SkipSpace(header, at);
        if (at < header.Length && header[at] == (byte)':')
        {
            at = SkipSpace(header, at + 1);
            if (at + 1 + NoDigest.Length < header.Length && header[at] == (byte)'"' && header[at + 1 + NoDigest.Length] == (byte)'"')
            {
                return at + 1;
            }
        }

        throw WeightFileReader.Fault(
            path,
            "a header in which the digest cannot be found",
            "the header that a trainer writes",
            "Use an older checkpoint: another program has changed this one");
    }

    private static int SkipSpace(ReadOnlySpan<byte> header, int at)
    {
        while (at < header.Length && (header[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
        {
            at++;
        }

        return at;
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
                throw new ArgumentException(
                    $"Received a tensor named '{name}', which "
                        + $"{(SafetensorsHeader.IsReserved(name) ? "the format reserves" : "is there already")}; expected names that "
                            + $"are free. Rename the tensor.",
                    nameof(tensors));
            }

            ScalarType type = (tensor
                ?? throw new ArgumentException(
                    $"Received null for '{name}'; expected a tensor. Leave the name out instead.", nameof(tensors))).dtype;
            if (ElementType.Of(type) is not { } element || tensor.is_sparse)
            {
                throw new ArgumentException(
                    $"Received '{name}' as {(tensor.is_sparse ? "sparse " : "")}{type}; expected a dense tensor of "
                        + $"{string.Join(", ", ElementType.All.Select(known => known.Type))}. Convert it before saving.",
                    nameof(tensors));
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
            throw new ArgumentException(
                $"Received the text '{text}' with half of a surrogate pair; expected valid Unicode. Remove the character at index "
                    + $"{exception.Index}.",
                parameter,
                exception);
        }
    }
}
