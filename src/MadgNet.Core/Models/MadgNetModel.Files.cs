using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <content>Loading.</content>
public sealed partial class MadgNetModel
{
    /// <summary>
    /// Loads a model and its options from one file: one that <see cref="SegmentationModel.Save"/> wrote, or a checkpoint of the
    /// authors' code (<c>.pth</c>, <c>.pth.tar</c>), whose options are read off the names and shapes of its tensors.
    /// </summary>
    /// <param name="path">The file; its content, not its name, says what it is.</param>
    /// <param name="encoder">The encoder, for a model that was saved with one of your own that no registry knows; null otherwise. The
    /// model owns it.</param>
    /// <param name="device">Where to put the model; the CPU when null.</param>
    /// <param name="names">How the file's names are to be changed, such as prefixes to take off; the mode is always everything. Null for
    /// usual names.</param>
    /// <returns>The model, in evaluation mode. The caller owns it.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file's tensors are not those of a MADGNet; lists what is wrong.</exception>
    /// <exception cref="InvalidOptionsException">The file holds no usable options and they cannot be inferred, is of another kind of
    /// network, or the encoder does not fit.</exception>
    /// <remarks>
    /// Two options leave no trace among the tensors of the authors' files and are taken as published: a minimum
    /// resolution of 8 and the ensemble sub-decoder. Where they differ, build the model by hand and call
    /// <see cref="SegmentationModel.LoadWeights"/>.
    /// </remarks>
    public static MadgNetModel Load(string path, IEncoder? encoder = null, Device? device = null, WeightLoadOptions? names = null)
    {
        using WeightArchive archive = WeightArchive.Open(path);
        return Fill(archive, device, names, () => Create(archive, encoder, ModelRegistry.BuiltIn, names));
    }

    /// <summary>A network of the options that a file holds, whose weights are to be loaded.</summary>
    internal static MadgNetModel Create(WeightArchive archive, IEncoder? encoder, ModelRegistry registry, WeightLoadOptions? names)
    {
        CheckArchitecture(archive, ArchitectureName);
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

        return new MadgNetModel(options, encoder, registry, seed: null);
    }
}
