using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Weights;

/// <summary>Saves and loads the weights of any module alone: a block, an encoder, a network of your own.</summary>
/// <remarks>
/// What is saved is the module's <c>state_dict()</c>: parameters and buffers, those of modules that a host registered inside it
/// included. Structure and options are not: the module that loads must be built alike.
/// </remarks>
public static class ModuleWeights
{
    /// <summary>Saves the weights as safetensors. The file appears complete or not at all; an existing one survives a failure.</summary>
    /// <param name="module">The module; it is not changed.</param>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="metadata">Texts to keep beside the weights; null for none.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    public static void SaveWeights(this Module module, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        SafetensorsFile.Save(path, module.state_dict(), metadata);
    }

    /// <summary>Loads weights into the module: all of them, or what the options say. Whatever fails, the module is as it was.</summary>
    /// <param name="module">The module; values take its types and devices.</param>
    /// <param name="path">A safetensors file, such as <see cref="SaveWeights"/> wrote, or a PyTorch checkpoint.</param>
    /// <param name="options">What to load; null for everything.</param>
    /// <returns>What was loaded, and what was not.</returns>
    /// <exception cref="WeightFileException">The file cannot be opened or read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file does not fill the module as asked; lists all that is wrong.</exception>
    public static WeightLoadReport LoadWeights(this Module module, string path, WeightLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        return WeightLoader.Load(path, module.state_dict(), options);
    }
}
