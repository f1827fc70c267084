using MadgNet.Core.Runtime;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>
/// Random access to an open weight file, straight into the memory of tensors, and the faults that it may have. Reading
/// is by position, so one reader serves several threads.
/// </summary>
internal sealed class WeightFileReader : IDisposable
{
    private readonly SafeFileHandle _handle;

    private WeightFileReader(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    /// <summary>The path as the caller gave it.</summary>
    public string Path { get; }

    /// <summary>Bytes that the file holds: what it claims is measured against this.</summary>
    public long Length { get; }

    public static WeightFileReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafeFileHandle? handle = null;
        try
        {
            RegularFile.Check(path);
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return new WeightFileReader(path, handle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException
            or ArgumentException)
        {
            handle?.Dispose();
            throw Fault(
                path,
                $"a file that cannot be opened ({exception.Message})",
                "a readable weight file",
                "Check the path and the permissions",
                exception);
        }
    }

    /// <summary>The exception for a fault of a file.</summary>
    public static WeightFileException Fault(string path, string received, string expected, string remedy, Exception? inner = null) =>
        new(path, new Problem($"Weight file '{path}'", Shorten(received), Shorten(expected), remedy), inner);

    /// <summary>The exception for a fault of this file.</summary>
    public WeightFileException Fault(string received, string expected, string remedy, Exception? inner = null) =>
        Fault(Path, received, expected, remedy, inner);

    /// <summary>The exception for a file whose parts contradict each other or end early.</summary>
    public WeightFileException Damaged(string received, string expected, Exception? inner = null) =>
        Fault(received, expected, "The file is damaged or incomplete: copy, download or save it again", inner);

    /// <summary>Fills the span from the position, or refuses when the file ends before.</summary>
    public void Read(Span<byte> destination, long offset)
    {
        try
        {
            while (destination.Length > 0)
            {
                int count = RandomAccess.Read(_handle, destination, offset);
                if (count == 0)
                {
                    throw Damaged($"the end of the file at byte {offset}", $"{destination.Length} more bytes");
                }

                destination = destination[count..];
                offset += count;
            }
        }
        catch (IOException exception)
        {
            throw Fault(
                $"a read error at byte {offset} ({exception.Message})",
                "a readable file",
                "Check the disk or the network share and try again",
                exception);
        }
    }

    /// <summary>Reads a tensor whose rows are stored one after another, with no copy in between.</summary>
    public Tensor ReadTensor(ElementType type, long[] shape, long offset)
    {
        NativeRuntime.EnsureAvailable();
        Tensor tensor = empty(shape, type.Type, CPU);
        try
        {
            ReadInto(tensor, offset);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads values into the memory of a dense tensor on the CPU.</summary>
    public void ReadInto(Tensor tensor, long offset)
    {
        bool truths = tensor.dtype == ScalarType.Bool;
        TensorBytes.ForEachBlock(tensor, (block, start) =>
        {
            Read(block, offset + start);

            // Any other byte in a bool is undefined behaviour for whoever computes with it.
            if (truths && block.IndexOfAnyExceptInRange((byte)0, (byte)1) is int at and >= 0)
            {
                throw Damaged($"the byte {block[at]} in a tensor of booleans", "0 or 1");
            }
        });
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Names come from the file and may be of any length; messages may not.</summary>
    private static string Shorten(string text)
    {
        const int MaximumLength = 400;
        return text.Length <= MaximumLength ? text : text[..MaximumLength] + "…";
    }
}
