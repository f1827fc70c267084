using System.Collections.ObjectModel;
using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>
/// An open weight file, safetensors or PyTorch, or named tensors in memory: the names, types and shapes of its tensors, its metadata, and
/// the
/// tensors themselves, each read when it is asked for.
/// </summary>
/// <remarks>
/// Opening reads and checks everything but the values: an archive that opened is consistent with the length of its
/// file. The file stays open until the archive is disposed. Reading is thread-safe.
/// </remarks>
public sealed class WeightArchive : IDisposable
{
    private readonly WeightFileReader? _file;
    private readonly Dictionary<string, StoredTensor> _stored = [];
    private readonly Dictionary<string, Tensor> _inMemory = [];
    private bool _disposed;

    internal WeightArchive(
        WeightFileReader file, IReadOnlyList<StoredTensor> stored, IDictionary<string, string> metadata, string removedPrefix = "")
        : this(file.Path, [.. stored.Select(tensor => tensor.Info)], metadata)
    {
        _file = file;
        _stored = stored.ToDictionary(tensor => tensor.Info.Name);
        RemovedPrefix = removedPrefix;
    }

    private WeightArchive(string path, IReadOnlyList<TensorInfo> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        Path = path;
        Names = [.. tensors.Select(tensor => tensor.Name)];
        Tensors = new ReadOnlyDictionary<string, TensorInfo>(tensors.ToDictionary(tensor => tensor.Name));
        Metadata = new ReadOnlyDictionary<string, string>(new Dictionary<string, string>(metadata));
    }

    /// <summary>Path of the file, as it was given; what <see cref="From"/> was told to call its tensors.</summary>
    public string Path { get; }

    /// <summary>
    /// What DataParallel or torch.compile had put before every name of a PyTorch file, such as <c>module.</c>, and which was
    /// taken off; empty where there was nothing.
    /// </summary>
    public string RemovedPrefix { get; } = "";

    /// <summary>The names of the tensors in the order of the file.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Type and shape of every tensor, by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>
    /// The texts that the file carries beside its tensors. Of a PyTorch training state these are the plain values next
    /// to the state dict, such as <c>current_epoch</c>, written invariantly; empty where there are none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// Values of a PyTorch file that are objects of classes which are not read, each with its name and class: settings of a training
    /// script, NumPy numbers, dates. They were skipped; nothing of them was executed.
    /// </summary>
    public IReadOnlyList<string> SkippedValues { get; internal init; } = [];

    /// <summary>Opens a weight file; its content, not its name, says whether it is safetensors or PyTorch.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The open archive, which the caller disposes.</returns>
    /// <exception cref="WeightFileException">The file cannot be opened, is neither of both, or is damaged or refused.</exception>
    public static WeightArchive Open(string path) => Open(path, file =>
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(16, file.Length)];
        file.Read(start, 0);
        if (SafetensorsHeader.Matches(start, file.Length))
        {
            return SafetensorsFile.Read(file);
        }

        if (PyTorchCheckpoint.Matches(start))
        {
            return PyTorchCheckpoint.Read(file);
        }

        if (SafetensorsHeader.MayMatch(start))
        {
            return SafetensorsFile.Read(file);
        }

        if (LooksLikeOnnx(start))
        {
            throw file.Fault(
                "a file that looks like ONNX",
                "a safetensors file, or a file written by torch.save",
                "Open it with OnnxWeights of the package MadgNet.Onnx, or pass it to --pretrained in the tool");
        }

        throw file.Fault(
            file.Length == 0 ? "an empty file" : $"a file that starts with '{Printable(start)}' ({Convert.ToHexString(start)})",
            "a safetensors file, or a file written by torch.save",
            "Check that the file is the one meant and was downloaded completely; other formats can be converted in Python with "
                + "safetensors.torch.save_file");
    });

    /// <summary>
    /// An archive of tensors in memory: weights that a host has read from a format of its own, or another network's state
    /// dict, to be loaded as a file's are.
    /// </summary>
    /// <param name="tensors">Names and dense tensors of any device, for example <c>module.state_dict()</c>. They stay the caller's, who may
    /// dispose them; writing to them changes what is loaded.</param>
    /// <param name="metadata">Texts beside them; null for none.</param>
    /// <param name="name">What messages call the archive.</param>
    /// <returns>The archive, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">A name is empty or given twice, a tensor is null or sparse.</exception>
    public static WeightArchive From(
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        string name = "named tensors")
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentException.ThrowIfNullOrEmpty(name);
        List<KeyValuePair<string, Tensor>> all = [.. tensors];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, Tensor tensor) in all)
        {
            if (string.IsNullOrEmpty(key) || tensor is null || tensor.is_sparse || !names.Add(key))
            {
                throw new ArgumentException(
                    $"Received "
                        + $"{(string.IsNullOrEmpty(key) ? "an empty name"
                            : tensor is null ? $"null for '{key}'"
                            : tensor.is_sparse ? $"a sparse tensor for '{key}'" : $"the name '{key}' twice")}; "
                        + $"expected dense tensors with one name each. Correct the names and tensors.",
                    nameof(tensors));
            }
        }

        var archive = new WeightArchive(
            name,
            [.. all.Select(pair => new TensorInfo(pair.Key, pair.Value.dtype, pair.Value.shape))],
            metadata ?? ReadOnlyDictionary<string, string>.Empty);
        foreach ((string key, Tensor tensor) in all)
        {
            // A reference of its own, outside of the caller's dispose scope.
            archive._inMemory.Add(key, tensor.detach().DetachFromDisposeScope());
        }

        return archive;
    }

    /// <summary>Reads one tensor into CPU memory.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>
    /// A new dense tensor of the type and shape that <see cref="Tensors"/> tells, which the caller disposes. Tensors
    /// that share memory in the file are read independently of each other. One exception: a view that repeats its
    /// elements (<c>expand</c>) stays one, so that it takes no more memory than the file holds; clone it before writing.
    /// </returns>
    /// <exception cref="ArgumentException">The archive has no tensor of this name.</exception>
    /// <exception cref="WeightFileException">The file can no longer be read, or holds values that its type cannot have.</exception>
    public Tensor Load(string name)
    {
        Check(name);
        if (_file is not null)
        {
            return _stored[name].Read(_file);
        }

        // The dispose scope of the reader's thread may not take what is returned, and the layout on another device is no matter.
        using Tensor onProcessor = _inMemory[name].to(CPU);
        using Tensor dense = onProcessor.contiguous();
        return dense.clone();
    }

    /// <summary>Reads one tensor into the memory of another where that can be done without a copy; false where it cannot.</summary>
    internal bool TryLoadInto(string name, Tensor target)
    {
        Check(name);
        return _file is not null && _stored[name].TryReadInto(_file, target);
    }

    /// <summary>Closes the file. Tensors that were loaded stay valid.</summary>
    public void Dispose()
    {
        _disposed = true;
        _file?.Dispose();
        foreach (Tensor tensor in _inMemory.Values)
        {
            tensor.Dispose();
        }

        _inMemory.Clear();
    }

    /// <summary>Opens a file with the reader of one format and closes it when that refuses.</summary>
    internal static WeightArchive Open(string path, Func<WeightFileReader, WeightArchive> read)
    {
        WeightFileReader file = WeightFileReader.Open(path);
        try
        {
            return read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Tensors.ContainsKey(name))
        {
            string nearest = NearestName.Find(name, Names) is { } near ? $"such as '{near}'" : "see Names";
            throw new ArgumentException(
                $"Weight file '{Path}': received the name '{name}'; expected one of its {Names.Count} tensors, {nearest}. Ask for a "
                    + $"name that the archive lists.",
                nameof(name));
        }
    }

    /// <summary>An ONNX file begins with its version, a small number, and the name of what wrote it.</summary>
    private static bool LooksLikeOnnx(ReadOnlySpan<byte> start)
    {
        const byte VersionField = 0x08;
        const byte ProducerField = 0x12;
        const int NewestVersion = 32;
        return start is [VersionField, > 0 and < NewestVersion, ProducerField, > 0, ..];
    }

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[i] = bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : '.';
        }

        return text.ToString();
    }
}
