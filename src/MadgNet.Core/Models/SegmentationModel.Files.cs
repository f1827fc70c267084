using System.Globalization;
using System.Reflection;
using System.Text.Json;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <content>Saving and loading.</content>
public abstract partial class SegmentationModel
{
    /// <summary>The key of a saved network's kind in the metadata of its file.</summary>
    internal const string ArchitectureKey = "madgnet.architecture";

    /// <summary>The key of a saved network's options in the metadata of its file.</summary>
    internal const string OptionsKey = "madgnet.options";

    /// <summary>The key of a saved network's input in the metadata of its file.</summary>
    internal const string InputKey = "madgnet.input";

    /// <summary>The key of a saved network's labels in the metadata of its file.</summary>
    internal const string LabelsKey = "madgnet.labels";

    /// <summary>The key of a saved network's threshold in the metadata of its file.</summary>
    internal const string ThresholdKey = "madgnet.threshold";

    private const string VersionKey = "madgnet.version";
    private double? _threshold;

    /// <summary>
    /// The probability from which on a pixel belongs to a label, chosen on validation data and kept with the weights;
    /// null where none was chosen. Predictors take it unless they are given another.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to something outside 0..1.</exception>
    public double? Threshold
    {
        get => _threshold;
        set => _threshold = value is null or (>= 0 and <= 1)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, "Expected 0 to 1, or null for none. Use a threshold chosen on validation data.");
    }

    /// <summary>
    /// Loads a network of any kind from one file: one that <see cref="Save"/> wrote, whose parts are looked up by their names, or a
    /// checkpoint of MADGNet's authors.
    /// </summary>
    /// <param name="path">The file; its content, not its name, says what it is.</param>
    /// <param name="registry">Where the names of network and parts are looked up; <see cref="ModelRegistry.BuiltIn"/> when null.</param>
    /// <param name="device">Where to put the network; the CPU when null.</param>
    /// <param name="names">How the file's names are to be changed, such as prefixes to take off; the mode is always everything. Null for
    /// usual names.</param>
    /// <returns>The network, in evaluation mode. The caller owns it.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file's tensors are not those of the network that it names; lists what is
    /// wrong.</exception>
    /// <exception cref="InvalidOptionsException">The file holds no usable options, or names what the registry lacks.</exception>
    public static SegmentationModel Load(
        string path, ModelRegistry? registry = null, Device? device = null, WeightLoadOptions? names = null)
    {
        registry ??= ModelRegistry.BuiltIn;
        using WeightArchive archive = WeightArchive.Open(path);
        return Fill<SegmentationModel>(archive, device, names, () =>
        {
            string? name = archive.Metadata.GetValueOrDefault(ArchitectureKey);
            if (name is null or MadgNetModel.ArchitectureName && IsBuiltIn(registry, MadgNetModel.ArchitectureName))
            {
                return MadgNetModel.Create(archive, null, registry, names);
            }

            ArchitectureEntry entry = registry.Get<ArchitectureEntry>(name!);
            (int labels, IReadOnlyList<string> labelNames) = ReadLabels(archive);
            var context = new ArchitectureContext
            {
                Options = archive.Metadata.GetValueOrDefault(OptionsKey) ?? "{}",
                Input = archive.Metadata.TryGetValue(InputKey, out string? input) ? ModelInput.FromJson(input) : new ModelInput(),
                Labels = labels,
                LabelNames = labelNames,
                Registry = registry,
                Seed = null,
            };
            if (name == UNet.ArchitectureName)
            {
                UNet.Check(context.Options, archive);
            }

            return entry.Create(context);
        });
    }

    /// <summary>
    /// Saves weights, kind, options, input, labels and threshold as safetensors. The file appears complete or not at all; an
    /// existing one survives a failure.
    /// </summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="metadata">Further texts to keep beside the options, such as scores; null for none.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">The metadata uses a key that begins with <c>madgnet.</c>, which the library keeps for
    /// itself.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var texts = new Dictionary<string, string>
        {
            [ArchitectureKey] = Architecture,
            [OptionsKey] = OptionsToJson(),
            [InputKey] = Input.ToJson(),
            [LabelsKey] = JsonSerializer.Serialize(new StoredLabels(Labels, LabelNames)),
            [VersionKey] = typeof(SegmentationModel).Assembly
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
                ?? "unknown",
        };
        if (Threshold is { } threshold)
        {
            texts.Add(ThresholdKey, threshold.ToString("R", CultureInfo.InvariantCulture));
        }

        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
        {
            if (key.StartsWith("madgnet.", StringComparison.Ordinal))
            {
                throw new ArgumentException(
                    $"Received the metadata key '{key}'; expected one that does not begin with 'madgnet.'. Rename it.", nameof(metadata));
            }

            texts.Add(key, value);
        }

        SafetensorsFile.Save(path, state_dict(), texts);
    }

    /// <summary>
    /// Loads weights into this network: all of them, those of the encoder only, or all that fit. Whatever fails, the network
    /// is as it was.
    /// </summary>
    /// <param name="path">A safetensors file or a PyTorch checkpoint.</param>
    /// <param name="options">What to load; null for everything.</param>
    /// <returns>What was loaded, missing, unexpected and mismatched.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file does not fill the network as asked; lists all that is wrong.</exception>
    public WeightLoadReport LoadWeights(string path, WeightLoadOptions? options = null) =>
        WeightLoader.Load(path, state_dict(), options);

    /// <summary>
    /// Loads weights from an open file, or from tensors in memory (<see cref="WeightArchive.From"/>), as <see cref="LoadWeights"/> does.
    /// </summary>
    /// <param name="archive">The weights; it stays open.</param>
    /// <param name="options">What to load; null for everything.</param>
    /// <returns>What was loaded, missing, unexpected and mismatched.</returns>
    /// <exception cref="WeightFileException">The file cannot be read.</exception>
    /// <exception cref="WeightLoadException">The archive does not fill the network as asked; lists all that is wrong.</exception>
    public WeightLoadReport LoadWeightsFrom(WeightArchive archive, WeightLoadOptions? options = null) =>
        WeightLoader.Load(archive, state_dict(), options);

    /// <summary>Builds a network, fills it from a file and leaves nothing behind where that fails.</summary>
    private protected static TModel Fill<TModel>(WeightArchive archive, Device? device, WeightLoadOptions? names, Func<TModel> build)
        where TModel : SegmentationModel
    {
        TModel model = build();
        try
        {
            WeightLoader.LoadIntoNew(
                archive, model.state_dict(), (names ?? new WeightLoadOptions()) with { Mode = WeightLoadMode.Everything });
            model.Threshold = ReadThreshold(archive);
            if (device is not null)
            {
                model.to(device);
            }

            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a file of another kind of network. A file that names none is one of the authors'.</summary>
    private protected static void CheckArchitecture(WeightArchive archive, string expected)
    {
        if (archive.Metadata.TryGetValue(ArchitectureKey, out string? name) && name != expected)
        {
            throw new InvalidOptionsException(nameof(SegmentationModel), [new Problem(
                archive.Path,
                $"a network of the kind '{name}'",
                $"one of the kind '{expected}'",
                $"Load it with {nameof(SegmentationModel)}.{nameof(Load)}")]);
        }
    }

    /// <summary>The threshold that a file keeps beside its weights; null where it keeps none.</summary>
    internal static double? ReadThreshold(WeightArchive archive)
    {
        if (!archive.Metadata.TryGetValue(ThresholdKey, out string? text))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double threshold) && threshold is >= 0 and <= 1
            ? threshold
            : throw new InvalidOptionsException(
                nameof(SegmentationModel),
                [new Problem(
                    ThresholdKey,
                    $"'{text}'",
                    "a number from 0 to 1",
                    "Save the model again, or remove the entry from the file's metadata")]);
    }

    private static bool IsBuiltIn(ModelRegistry registry, string name) =>
        ReferenceEquals(registry.Get<ArchitectureEntry>(name), ModelRegistry.BuiltIn.Get<ArchitectureEntry>(name));

    private static (int Labels, IReadOnlyList<string> Names) ReadLabels(WeightArchive archive)
    {
        try
        {
            string text = archive.Metadata.GetValueOrDefault(LabelsKey) ?? "null";
            if (JsonSerializer.Deserialize<StoredLabels>(text) is { Count: >= 1, Names: not null } labels)
            {
                return (labels.Count, labels.Names);
            }
        }
        catch (JsonException)
        {
            // Told below, as every other text that is none.
        }

        throw new InvalidOptionsException(nameof(SegmentationModel), [new Problem(
            $"{archive.Path}, {LabelsKey}",
            archive.Metadata.GetValueOrDefault(LabelsKey) is { } found ? $"'{found}'" : "no such entry",
            "the count and names of the labels, as SegmentationModel.Save writes them",
            "Save the network again")]);
    }

    private sealed record StoredLabels(int Count, IReadOnlyList<string> Names);
}
