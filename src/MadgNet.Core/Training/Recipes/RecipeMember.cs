using System.Reflection;

namespace MadgNet.Core.Training.Recipes;

/// <summary>One name of a type in a recipe's JSON.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Type">What it holds.</param>
/// <param name="IsNullable">Whether null is a value of it.</param>
/// <param name="Parameter">The constructor's parameter; null for what is set afterwards.</param>
/// <param name="Property">The property that has the value; null where none has.</param>
internal sealed record RecipeMember(string Name, Type Type, bool IsNullable, ParameterInfo? Parameter, PropertyInfo? Property);
