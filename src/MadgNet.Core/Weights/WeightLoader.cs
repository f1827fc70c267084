using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>
/// Loads weight files into a model's state dict by name. Names, types and shapes are compared before anything is read,
/// and everything is read before the model is changed: whatever fails, the model is as it was.
/// </summary>
public static class WeightLoader
{
    private const int NearestNamesPerKind = 100;

    /// <summary>Opens a weight file and loads everything: <see cref="WeightLoadMode.Everything"/>.</summary>
    /// <param name="path">A safetensors file or PyTorch checkpoint.</param>
    /// <param name="target">Names and tensors of the model, for example <c>module.state_dict()</c>; they are written in place.</param>
    /// <returns>What was loaded.</returns>
    /// <exception cref="WeightFileException">The file cannot be opened or read, is damaged or refused. The model is unchanged.</exception>
    /// <exception cref="WeightLoadException">The file does not fill the model; the exception lists all that is wrong. The model is
    /// unchanged.</exception>
    public static WeightLoadReport Load(string path, IReadOnlyDictionary<string, Tensor> target) => Load(path, target, null);

    /// <summary>Opens a weight file and loads it.</summary>
    /// <param name="path">A safetensors file or PyTorch checkpoint.</param>
    /// <param name="target">Names and tensors of the model, for example <c>module.state_dict()</c>; they are written in place.</param>
    /// <param name="options">What to load; null for everything.</param>
    /// <returns>What was loaded, and what was not.</returns>
    /// <exception cref="WeightFileException">The file cannot be opened or read, is damaged or refused. The model is unchanged.</exception>
    /// <exception cref="WeightLoadException">The file does not fill the model as asked; the exception lists all that is wrong. The model is
    /// unchanged.</exception>
    public static WeightLoadReport Load(string path, IReadOnlyDictionary<string, Tensor> target, WeightLoadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(target);
        using WeightArchive archive = WeightArchive.Open(path);
        return Load(archive, target, options);
    }

    /// <summary>Loads from an open weight file.</summary>
    /// <remarks>
    /// Values are converted to the type of the target and moved to its device; its memory layout stays. Besides the
    /// model, memory holds one copy of what is loaded while it runs.
    /// </remarks>
    /// <param name="archive">The open file; it stays open.</param>
    /// <param name="target">Names and tensors of the model, for example <c>module.state_dict()</c>; they are written in place.</param>
    /// <param name="options">What to load; null for everything.</param>
    /// <returns>What was loaded, and what was not.</returns>
    /// <exception cref="WeightFileException">The file cannot be read. The model is unchanged.</exception>
    /// <exception cref="WeightLoadException">The file does not fill the model as asked; the exception lists all that is wrong. The model is
    /// unchanged.</exception>
    public static WeightLoadReport Load(WeightArchive archive, IReadOnlyDictionary<string, Tensor> target, WeightLoadOptions? options)
    {
        WeightLoadReport report = Compare(archive, target, options);
        if (!report.Fits)
        {
            throw new WeightLoadException(report);
        }

        var staged = new List<(Tensor Target, Tensor Values)>(report.Loaded.Count);
        try
        {
            foreach (LoadedWeight weight in report.Loaded)
            {
                staged.Add((target[weight.Name], Read(archive, weight)));
            }

            using var noGrad = no_grad();
            foreach ((Tensor tensor, Tensor values) in staged)
            {
                tensor.copy_(values);
            }
        }
        finally
        {
            foreach ((_, Tensor values) in staged)
            {
                values.Dispose();
            }
        }

        return report;
    }

    /// <summary>
    /// Loads everything into a model that is dropped where that fails: from the file into its memory, or tensor by tensor where
    /// the two differ in type or order, so that no second set of weights is in memory, nor left in its heap.
    /// </summary>
    internal static void LoadIntoNew(WeightArchive archive, IReadOnlyDictionary<string, Tensor> target, WeightLoadOptions? options = null)
    {
        WeightLoadReport report = Compare(archive, target, options);
        if (!report.Fits)
        {
            throw new WeightLoadException(report);
        }

        using var noGrad = no_grad();
        foreach (LoadedWeight weight in report.Loaded)
        {
            if (weight.AdaptedChannels is not null || !archive.TryLoadInto(weight.Source.Name, target[weight.Name]))
            {
                using Tensor values = Read(archive, weight);
                target[weight.Name].copy_(values);
            }
        }
    }

    /// <summary>Tells what loading would do, and does not do it: no values are read, nothing is changed.</summary>
    /// <param name="archive">The open file.</param>
    /// <param name="target">Names and tensors of the model.</param>
    /// <param name="options">What would be loaded; null for everything.</param>
    /// <returns>The report, also where it does not <see cref="WeightLoadReport.Fits"/>.</returns>
    /// <exception cref="ArgumentException">A renaming of the options gives two tensors one name.</exception>
    /// <exception cref="InvalidOptionsException">The options are illegal; lists all problems.</exception>
    public static WeightLoadReport Compare(
        WeightArchive archive, IReadOnlyDictionary<string, Tensor> target, WeightLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new WeightLoadOptions();
        Dictionary<string, string> targets = SelectTargets(target, options.Mode);
        bool IsWanted(string name) => targets.ContainsKey(name)
            || (options.Mode == WeightLoadMode.Encoder
                && IsOfEncoder(name)
                && targets.ContainsKey(name[StateDictNames.EncoderPrefix.Length..]));
        RenamedSources renamed = RenamedSources.Of(archive, options, IsWanted);
        Dictionary<string, TensorInfo> sources = SelectSources(renamed, options.Mode);
        string? first = options.AdaptInputChannels ? targets.Values.FirstOrDefault(name => target[name].dim() == 4) : null;

        var loaded = new List<LoadedWeight>();
        var mismatched = new List<MismatchedWeight>();
        var missing = new List<string>();
        var kept = new List<string>();
        foreach ((string name, string targetName) in targets)
        {
            if (sources.TryGetValue(name, out TensorInfo? source))
            {
                Tensor tensor = target[targetName];
                var wanted = new TensorInfo(targetName, tensor.dtype, tensor.shape);
                bool adapted = targetName == first && DiffersInChannels(source, wanted);
                if ((adapted || source.Shape.SequenceEqual(wanted.Shape)) && Converts(source.Type, wanted.Type))
                {
                    loaded.Add(new LoadedWeight(targetName, source, wanted.Type) { AdaptedChannels = adapted ? wanted.Shape[1] : null });
                }
                else
                {
                    mismatched.Add(new MismatchedWeight(targetName, source, wanted));
                }
            }
            else if (StateDictNames.IsBatchCounter(name))
            {
                kept.Add(targetName);
            }
            else
            {
                missing.Add(name);
            }
        }

        List<string> unexpected = [.. sources.Keys.Where(name => !targets.ContainsKey(name))];
        return new WeightLoadReport(
            archive.Path,
            options.Mode,
            loaded,
            WithNearest(missing, name => targets[name], unexpected, sources.Keys, name => sources[name].Name),
            WithNearest(unexpected, name => sources[name].Name, missing, targets.Keys, name => targets[name]),
            mismatched,
            kept,
            renamed.Ignored,
            renamed.Notes,
            missing.Count == 0 ? null : ForeignNames.SuggestPrefix([.. sources.Keys], targets.ContainsKey),
            missing.Count == 0 && mismatched.Count == 0 ? null : RecognizedEncoder.Of(archive));
    }

    /// <summary>Reads, converts and adapts on the CPU, where nothing of the model is touched yet.</summary>
    private static Tensor Read(WeightArchive archive, LoadedWeight weight)
    {
        Tensor values = archive.Load(weight.Source.Name);
        if (!weight.Converted && weight.AdaptedChannels is null)
        {
            return values;
        }

        using (values)
        {
            if (weight.AdaptedChannels is not { } channels)
            {
                return values.to(weight.Type);
            }

            // In single precision at least: half precision cannot add up the channels of a multispectral image.
            using DisposeScope scope = NewDisposeScope();
            Tensor wide = values.to(weight.Type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32);
            using Scalar scale = (1.0 / channels).ToScalar();
            Tensor share = wide.sum(1, keepdim: true).mul(scale);
            return share.expand(-1, channels, -1, -1).to(weight.Type).contiguous().MoveToOuterDisposeScope();
        }
    }

    private static bool DiffersInChannels(TensorInfo source, TensorInfo wanted) =>
        source.Shape.Count == 4 && wanted.Shape.Count == 4 && source.Shape[1] != wanted.Shape[1] && source.Shape[1] > 0
            && Enumerable.Range(0, 4).All(axis => axis == 1 || source.Shape[axis] == wanted.Shape[axis]);

    /// <summary>The tensors of the file that are to be loaded, by the name that they are compared under.</summary>
    private static Dictionary<string, TensorInfo> SelectSources(RenamedSources renamed, WeightLoadMode mode)
    {
        Dictionary<string, TensorInfo> sources = renamed.Tensors;
        if (mode != WeightLoadMode.Encoder)
        {
            return sources;
        }

        bool whole = sources.Keys.Any(IsOfEncoder);
        var encoder = new Dictionary<string, TensorInfo>(StringComparer.Ordinal);
        foreach ((string name, TensorInfo info) in sources)
        {
            if (whole ? IsOfEncoder(name) : !ForeignNames.IsClassifier(name))
            {
                encoder.Add(whole ? name[StateDictNames.EncoderPrefix.Length..] : name, info);
            }
            else
            {
                renamed.Ignored.Add(info.Name);
            }
        }

        return encoder;
    }

    /// <summary>The tensors of the model that are to be filled: the name that they are compared under, and their own.</summary>
    private static Dictionary<string, string> SelectTargets(IReadOnlyDictionary<string, Tensor> target, WeightLoadMode mode)
    {
        if (mode == WeightLoadMode.Encoder && target.Keys.Any(IsOfEncoder))
        {
            return target.Keys.Where(IsOfEncoder)
                .ToDictionary(name => name[StateDictNames.EncoderPrefix.Length..], name => name, StringComparer.Ordinal);
        }

        return target.Keys.Where(name => !StateDictNames.IsConstant(name)).ToDictionary(name => name, name => name, StringComparer.Ordinal);
    }

    private static bool IsOfEncoder(string name) => name.StartsWith(StateDictNames.EncoderPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether values of one type mean the same in the other. Between floating-point types they are rounded; an integer
    /// is not a weight, and a smaller integer type could not hold every value.
    /// </summary>
    private static bool Converts(ScalarType from, ScalarType to)
    {
        static bool IsFloat(ScalarType type) =>
            type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;
        static int SignedSize(ScalarType type) => type switch
        {
            ScalarType.Int8 => 1,
            ScalarType.Int16 => 2,
            ScalarType.Int32 => 4,
            ScalarType.Int64 => 8,
            _ => 0,
        };
        return from == to
            || (IsFloat(from) && IsFloat(to))
            || (SignedSize(from) > 0 && SignedSize(to) > SignedSize(from))
            || (from == ScalarType.Byte && SignedSize(to) > 1);
    }

    /// <summary>Names are compared as they are matched, without prefixes, and shown as their own side has them.</summary>
    private static List<UnmatchedWeight> WithNearest(
        List<string> names, Func<string, string> show, List<string> unmatched, IEnumerable<string> all, Func<string, string> showOther) =>
    [
        .. names.Select((name, index) =>
        {
            string? nearest = index < NearestNamesPerKind ? NearestName.Find(name, unmatched) ?? NearestName.Find(name, all) : null;
            return new UnmatchedWeight(show(name), nearest is null ? null : showOther(nearest));
        }),
    ];
}
