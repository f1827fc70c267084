using System.Text.Json.Serialization;

namespace MadgNet.Core.Inputs;

/// <summary>The generated serializer of <see cref="ModelInputText"/>. Unknown and repeated properties are refused.</summary>
[JsonSourceGenerationOptions(
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelInputText))]
internal sealed partial class ModelInputJson : JsonSerializerContext;
