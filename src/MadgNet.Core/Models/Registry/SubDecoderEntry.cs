using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Decoding;

namespace MadgNet.Core.Models.Registry;

/// <summary>A sub-decoder by its name.</summary>
/// <param name="Name">The name in files and options.</param>
/// <param name="Create">Makes one from the channels of the features, the labels, and by how much the maps are larger than the
/// features.</param>
public sealed record SubDecoderEntry(string Name, Func<long, int, int, SubDecoder> Create) : RegistryEntry(Name);
