using System.Globalization;
using System.Reflection;
using MadgNet.Core.Modules.Backbones;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <content>Saving and loading.</content>
public sealed partial class MadgNetModel
{
    /// <summary>The key of a saved model's options in the metadata of its file.</summary>
    internal const string OptionsKey = "madgnet.options";

    /// <summary>The key of a saved model's threshold in the metadata of its file.</summary>
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
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected 0 to 1, or null for none. Use a threshold chosen on validation data.");
    }

    /// <summary>
    /// Loads a model and its options from one file: one that <see cref="Save"/> wrote, or a checkpoint of the authors'
    /// code (<c>.pth</c>, <c>.pth.tar</c>), whose options are read off the names and shapes of its tensors.
    /// </summary>
    /// <param name="path">The file; its content, not its name, says what it is.</param>
    /// <param name="backbone">The encoder, for a model that was saved with one of the host's; null otherwise. The model owns it.</param>
    /// <param name="device">Where to put the model; the CPU when null.</param>
    /// <param name="names">How the file's names are to be changed, such as prefixes to take off; the mode is always everything. Null for usual names.</param>
    /// <returns>The model, in evaluation mode. The caller owns it.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file's tensors are not those of a MADGNet; lists what is wrong.</exception>
    /// <exception cref="InvalidOptionsException">The file holds no usable options and they cannot be inferred, or the encoder does not fit.</exception>
    /// <remarks>
    /// Two options leave no trace among the tensors of the authors' files and are taken as published: a minimum
    /// resolution of 8 and the ensemble sub-decoder. Where they differ, build the model by hand and call <see cref="LoadWeights"/>.
    /// </remarks>
    public static MadgNetModel Load(string path, IBackbone? backbone = null, Device? device = null, WeightLoadOptions? names = null)
    {
        using WeightArchive archive = WeightArchive.Open(path);
        MadgNetOptions options;
        if (archive.Metadata.TryGetValue(OptionsKey, out string? json))
        {
            options = MadgNetOptions.FromJson(json);
            OptionsInference.Check(options, archive, names);
        }
        else
        {
            options = OptionsInference.FromNames(archive, names);
        }

        names = (names ?? new WeightLoadOptions()) with { Mode = WeightLoadMode.Everything };
        MadgNetModel model = CreateEmpty(options, backbone);
        try
        {
            WeightLoader.LoadIntoNew(archive, model.state_dict(), names);
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

    /// <summary>
    /// Saves weights and options as safetensors under the authors' names. The file appears complete or not at all; an
    /// existing one survives a failure.
    /// </summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="metadata">Further texts to keep beside the options, such as scores; null for none.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">The metadata uses a key that begins with <c>madgnet.</c>, which the library keeps for itself.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var texts = new Dictionary<string, string>
        {
            [OptionsKey] = Options.ToJson(),
            [VersionKey] = typeof(MadgNetModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        };
        if (Threshold is { } threshold)
        {
            texts.Add(ThresholdKey, threshold.ToString("R", CultureInfo.InvariantCulture));
        }

        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
        {
            if (key.StartsWith("madgnet.", StringComparison.Ordinal))
            {
                throw new ArgumentException($"Received the metadata key '{key}'; expected one that does not begin with 'madgnet.'. Rename it.", nameof(metadata));
            }

            texts.Add(key, value);
        }

        SafetensorsFile.Save(path, state_dict(), texts);
    }

    /// <summary>
    /// Loads weights into this model: all of them, those of the backbone only, or all that fit. Whatever fails, the model
    /// is as it was.
    /// </summary>
    /// <param name="path">A safetensors file or a PyTorch checkpoint.</param>
    /// <param name="options">What to load; null for everything.</param>
    /// <returns>What was loaded, missing, unexpected and mismatched.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file does not fill the model as asked; lists all that is wrong.</exception>
    public WeightLoadReport LoadWeights(string path, WeightLoadOptions? options = null) =>
        WeightLoader.Load(path, state_dict(), options);

    /// <summary>Loads weights from an open file, or from tensors in memory (<see cref="WeightArchive.From"/>), as <see cref="LoadWeights"/> does.</summary>
    /// <param name="archive">The weights; it stays open.</param>
    /// <param name="options">What to load; null for everything.</param>
    /// <returns>What was loaded, missing, unexpected and mismatched.</returns>
    /// <exception cref="WeightFileException">The file cannot be read.</exception>
    /// <exception cref="WeightLoadException">The archive does not fill the model as asked; lists all that is wrong.</exception>
    public WeightLoadReport LoadWeightsFrom(WeightArchive archive, WeightLoadOptions? options = null) =>
        WeightLoader.Load(archive, state_dict(), options);

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
                nameof(MadgNetModel),
                [new Problem(ThresholdKey, $"'{text}'", "a number from 0 to 1", "Save the model again, or remove the entry from the file's metadata")]);
    }
}
